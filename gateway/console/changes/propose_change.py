"""Propose to put a document in the place of the one in force."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.changes.rules import ChangeNeedless, ChangeUnseen, ChangeWaiting, holds_at_once, read_document
from gateway.console.changes.tables import Change, Setting


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants in force, and why; no document means that there shall be none."""

    kind: str
    name: str
    document: dict[str, Any] | None
    reason: str
    by: str
    now: datetime


async def propose_change(session: AsyncSession, proposal: Proposal) -> Change:
    """Note a proposal; one that stops something in an emergency is in force from now on.

    Raises:
        DocumentMalformed: The document does not fit its kind.
        ChangeNeedless: The same is in force.
        ChangeWaiting: Another proposal for the same document waits.
    """
    after = read_document(proposal.kind, proposal.document)
    await _one_at_a_time(session, proposal)
    current = await session.get(Setting, (proposal.kind, proposal.name))
    document = after.model_dump(mode="json") if after else None
    if (current.document if current else None) == document:
        raise ChangeNeedless
    change = Change(
        kind=proposal.kind,
        name=proposal.name,
        base_revision=current.revision if current else 0,
        before=current.document if current else None,
        after=document,
        reason=proposal.reason,
        at_once=holds_at_once(after),
        proposed_by=proposal.by,
        proposed_at=proposal.now,
    )
    session.add(change)
    await session.flush()
    if change.at_once:
        await put_in_force(session, change, change.after)
    return change


async def propose_reversal_of_change(
    session: AsyncSession, change_id: uuid.UUID, *, reason: str, by: str, now: datetime
) -> Change:
    """Propose what was in force before a change.

    Raises:
        ChangeUnseen: There is no such change.
        ChangeNeedless: The same is in force.
        ChangeWaiting: Another proposal for the same document waits.
    """
    change = await session.get(Change, change_id)
    if change is None:
        raise ChangeUnseen(change_id=str(change_id))
    return await propose_change(session, Proposal(change.kind, change.name, change.before, reason, by, now))


async def _one_at_a_time(session: AsyncSession, proposal: Proposal) -> None:
    # Two who propose for the same document at once wait for each other; the index holds it too.
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:document, 0))")
    await session.execute(lock, {"document": f"{proposal.kind}/{proposal.name}"})
    same = (Change.kind == proposal.kind, Change.name == proposal.name, Change.verdict.is_(None))
    waiting = await session.scalar(select(Change.id).where(*same))
    if waiting:
        raise ChangeWaiting(change_id=str(waiting))


async def put_in_force(session: AsyncSession, change: Change, document: dict[str, Any] | None) -> None:
    """Let a document be in force from the commit on."""
    row = insert(Setting).values(
        kind=change.kind, name=change.name, revision=1, document=document, changed_by=change.id
    )
    facts = {"document": row.excluded.document, "changed_by": change.id, "revision": Setting.revision + 1}
    await session.execute(row.on_conflict_do_update(index_elements=[Setting.kind, Setting.name], set_=facts))
