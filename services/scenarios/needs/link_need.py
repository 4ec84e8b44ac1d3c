"""Link a need to what answers it."""

import uuid
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.tables import Activity
from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.base import Published
from services.scenarios.catalogue.tables import Facility, Programme
from services.scenarios.needs.rules import AnswerKind, AnswerUnseen, NeedUnseen
from services.scenarios.needs.tables import Need, NeedAnswer
from services.scenarios.spaces.tables import Space
from shared.identity import Identity

ANSWERS: dict[AnswerKind, type[Published]] = {
    "programme": Programme,
    "space": Space,
    "activity": Activity,
    "facility": Facility,
}


@dataclass(frozen=True, slots=True)
class LinkNeed:
    """A need, and the programme, space, activity or facility of the community that answers it."""

    need_id: uuid.UUID
    kind: AnswerKind
    answer_id: uuid.UUID
    by: Identity


async def link_need(session: AsyncSession, command: LinkNeed) -> Need:
    """Link a need; linked again, nothing changes.

    Raises:
        NeedUnseen: There is no such need.
        OutOfScope: The caller is no staff of the community.
        AnswerUnseen: The community has nothing of that kind and id.
    """
    need = await session.scalar(select(Need).where(Need.id == command.need_id))
    if need is None:
        raise NeedUnseen(need_id=str(command.need_id))
    command.by.require(need.community_code, *STAFF_ROLES)
    table = ANSWERS[command.kind]
    there = exists().where(table.community_code == need.community_code, table.id == command.answer_id)
    if not await session.scalar(select(there)):
        raise AnswerUnseen(kind=command.kind, answer_id=str(command.answer_id))
    key = {"community_code": need.community_code, "need_id": need.id}
    await session.execute(
        insert(NeedAnswer)
        .values(**key, kind=command.kind, answer_id=command.answer_id, linked_by=command.by.subject)
        .on_conflict_do_nothing()
    )
    return need
