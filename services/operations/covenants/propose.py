"""Propose a covenant: what it promises is set aside until it is withdrawn."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.covenants import queries
from services.operations.covenants.rules import NotEnoughLeft, check_fit, left_of
from services.operations.covenants.tables import Covenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Which need is served by how much of which resource, in which project."""

    community_code: str
    need_id: uuid.UUID
    resource_community_code: str
    resource_id: uuid.UUID
    project_id: uuid.UUID
    quantity: int
    by: str
    now: datetime


async def propose(session: AsyncSession, command: Proposal) -> Covenant:
    """Propose a covenant.

    Raises:
        EntryUnseen: One of the entries is not there.
        EntriesDoNotFit: They do not fit together.
        NotEnoughLeft: The need or the resource is promised already.
    """
    keys = sorted([(command.community_code, command.need_id), (command.resource_community_code, command.resource_id)])
    held = {key: await queries.entry(session, *key, hold=True) for key in keys}  # in one order, whoever proposes
    need = held[command.community_code, command.need_id]
    resource = held[command.resource_community_code, command.resource_id]
    check_fit(need, resource, await queries.entry(session, command.community_code, command.project_id))
    for entry in (need, resource):
        if left_of(entry) < command.quantity:
            raise NotEnoughLeft(entry_id=str(entry.id), left=left_of(entry), quantity=command.quantity)
        entry.promised += command.quantity
    covenant = Covenant(
        community_code=command.community_code,
        need_id=command.need_id,
        resource_community_code=command.resource_community_code,
        resource_id=command.resource_id,
        project_id=command.project_id,
        quantity=command.quantity,
        state="proposed",
        proposed_at=command.now,
        proposed_by=command.by,
    )
    session.add(covenant)
    await session.flush()
    return covenant
