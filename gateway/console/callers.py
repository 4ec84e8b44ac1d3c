"""Whose things a caller of the console looks at."""

from shared.identity import Identity

_APPLICATION = "application:"


def application_of(who: Identity) -> str | None:
    """Return the application that the caller is, if it is one."""
    return who.subject.removeprefix(_APPLICATION) if who.subject.startswith(_APPLICATION) else None


def own_application(who: Identity, *roles: str) -> str | None:
    """Return the application that the caller is, or nothing for one who sees all.

    Raises:
        OutOfScope: It is none, and holds none of the roles.
    """
    own = application_of(who)
    if own is None:
        who.require_any(*roles)
    return own
