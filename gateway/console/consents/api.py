"""HTTP of consents: which purposes there are, one's own word on them, and its history."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from gateway.console.changes.tables import Setting
from gateway.console.consents.note_consent import NoteConsent, note_consent
from gateway.console.consents.rules import NoConsent, NoticeChanged, PurposeUnseen
from gateway.console.consents.tables import ConsentGiven
from gateway.registry import Application, ApplicationName
from shared.assistance import ChannelNotAllowed, ConsentMissing, ResidentBody, resident_of
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode, ResidentId, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["同意 consents"], route_class=IdempotentRoute)


class Purpose(BaseModel):
    """What an application wants to do, and in which version it says so."""

    application: str
    owner: str
    purpose: str
    version: int


class Word(ResidentBody):
    """A resident's word on an application's purpose."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    application: ApplicationName
    version: Annotated[int | None, Field(ge=1, description="所同意的告知书版本；null 表示撤回 / null withdraws")]


class ConsentView(BaseModel):
    """What a resident said, and when."""

    model_config = ConfigDict(from_attributes=True)

    resident_id: ResidentId
    application: str
    number: int
    purpose: str
    version: int
    is_given: bool
    channel: str
    given_by: Subject
    noted_at: Moment


@router.get("/purposes", summary="须征得同意的用途 / Purposes that take consent")
async def read_purposes(session: Transaction) -> list[Purpose]:
    """List what residents are asked to agree to."""
    found = await session.scalars(
        select(Setting).where(Setting.kind == "application", Setting.document.is_not(None)).order_by(Setting.name)
    )
    return [
        Purpose(application=each.name, owner=asked.owner, purpose=asked.purpose, version=asked.consent_version)
        for each in found
        if (asked := Application.model_validate(each.document)).consent_version is not None
        and asked.shelf == "on-shelf"
    ]


@router.post(
    "/consents",
    status_code=201,
    summary="同意或撤回 / Give or withdraw consent",
    responses=responses(OutOfScope, ChannelNotAllowed, ConsentMissing, PurposeUnseen, NoticeChanged, NoConsent),
)
async def note(session: Transaction, who: Caller, body: Word) -> ConsentView:
    """Note a word; it holds from the next call of the application on."""
    command = NoteConsent(body.community_code, body.application, body.version, body.on_behalf(), who, datetime.now(UTC))
    return ConsentView.model_validate(await note_consent(session, command))


@router.get("/consents", summary="我的同意记录 / My consents", responses=responses(OutOfScope))
async def read_consents(session: Transaction, who: Caller) -> list[ConsentView]:
    """List what the caller said, the newest first; the newest of an application holds."""
    mine = select(ConsentGiven).where(ConsentGiven.resident_id == resident_of(who))
    found = await session.scalars(mine.order_by(ConsentGiven.noted_at.desc(), ConsentGiven.number.desc()))
    return [ConsentView.model_validate(each) for each in found]
