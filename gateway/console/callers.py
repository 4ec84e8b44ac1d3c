"""Whose things a caller of the console looks at."""

from gateway.registry import subject_of
from shared.identity import Identity


def application_of(who: Identity) -> str | None:
    """Return the application that the caller is, if it is one."""
    prefix = subject_of("")
    return who.subject.removeprefix(prefix) if who.subject.startswith(prefix) else None


def own_application(who: Identity, *roles: str) -> str | None:
    """Return the application that the caller is, or nothing for one who sees all.

    Raises:
        OutOfScope: It is none, and holds none of the roles.
    """
    own = application_of(who)
    if own is None:
        who.require_any(*roles)
    return own
