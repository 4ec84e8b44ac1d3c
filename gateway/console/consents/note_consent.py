"""Note a resident's word on a purpose: given, or withdrawn."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.changes.tables import Setting
from gateway.console.consents.rules import NoConsent, NoticeChanged, PurposeUnseen
from gateway.console.consents.tables import ConsentGiven
from gateway.registry import Application
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.identity import Identity

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:whose, 25))")


@dataclass(frozen=True, slots=True)
class NoteConsent:
    """A word on an application's purpose; none of a version withdraws it."""

    community_code: str
    application: str
    version: int | None
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def note_consent(session: AsyncSession, command: NoteConsent) -> ConsentGiven:
    """Add a word to a resident's history; the last one holds.

    Raises:
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        PurposeUnseen: No such application asks for consent.
        NoticeChanged: The resident read another version of its notice.
        NoConsent: There is none to withdraw.
    """
    at_desk = command.by.holds(command.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=command.community_code)
    if not at_desk:
        command.by.require(command.community_code, "resident")
    purpose, version = await _asked(session, command.application)
    who = command.on_behalf.resident_id
    await session.execute(_ONE_AT_A_TIME, {"whose": f"{who}/{command.application}"})
    last = await session.scalar(
        select(ConsentGiven)
        .where(ConsentGiven.resident_id == who, ConsentGiven.application == command.application)
        .order_by(ConsentGiven.number.desc())
        .limit(1)
    )
    if command.version is None and not (last and last.is_given):
        raise NoConsent(application=command.application)
    if command.version is not None and command.version != version:
        raise NoticeChanged(application=command.application, version=version)
    row = ConsentGiven(
        resident_id=who,
        application=command.application,
        number=last.number + 1 if last else 1,
        community_code=command.community_code,
        version=command.version or (last.version if last else version),
        purpose=purpose,
        is_given=command.version is not None,
        noted_at=command.now,
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(row)
    await session.flush()
    return row


async def _asked(session: AsyncSession, name: str) -> tuple[str, int]:
    setting = await session.get(Setting, ("application", name))
    found = Application.model_validate(setting.document) if setting and setting.document else None
    if found is None or found.consent_version is None:
        raise PurposeUnseen(application=name)
    return found.purpose, found.consent_version
