"""Make a secret of an application, beside the one that is in use, so that it can move over without a failed call."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.applications.rules import ApplicationUnseen, SecretUnseen, free_place
from gateway.console.applications.tables import ApplicationSecret
from gateway.console.changes.tables import Setting
from gateway.sealing import seal

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose secret, and who makes it."""

    application: str
    by: str
    now: datetime


async def make_secret(session: AsyncSession, wanted: Wanted, *, key: bytes) -> tuple[int, str]:
    """Return the new secret's place and the secret, which is nowhere else to be read from now on.

    Raises:
        ApplicationUnseen: It is not registered.
        BothPlacesTaken: Two secrets live.
    """
    await _lock(session, wanted.application)
    taken = await session.scalars(
        select(ApplicationSecret.place).where(ApplicationSecret.application == wanted.application)
    )
    place, secret = free_place(wanted.application, taken.all()), secrets.token_urlsafe(SECRET_BYTES)
    sealed = seal(key, secret, application=wanted.application, place=place)
    session.add(
        ApplicationSecret(
            application=wanted.application, place=place, sealed=sealed, made_at=wanted.now, made_by=wanted.by
        )
    )
    await session.flush()
    return place, secret


async def retire_secret(session: AsyncSession, application: str, place: int) -> None:
    """Let a secret be good for nothing from the commit on.

    Raises:
        ApplicationUnseen: The application is not registered.
        SecretUnseen: There is no secret in this place.
    """
    await _lock(session, application)
    gone = await session.scalar(
        delete(ApplicationSecret)
        .where(ApplicationSecret.application == application, ApplicationSecret.place == place)
        .returning(ApplicationSecret.place)
    )
    if gone is None:
        raise SecretUnseen(application=application, place=place)


async def _lock(session: AsyncSession, application: str) -> None:
    known = await session.get(Setting, ("application", application), with_for_update=True, populate_existing=True)
    if known is None or known.document is None:
        raise ApplicationUnseen(application=application)
