"""Decide on a proposal: what another person has proposed takes effect in the same transaction, or is turned down."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.grant import Grant, grant
from services.points.earning.publish_rule import PublishRule, publish_rule
from services.points.earning.rules import RuleRetroactive
from services.points.earning.write_off import WriteOff, write_off
from services.points.honours.set_tiers import set_tiers
from services.points.limits.set_limit import SetBudget, SetCap, set_limit
from services.points.proposals.rules import (
    CONTENT,
    BudgetContent,
    CapContent,
    GrantContent,
    KeyContent,
    RuleContent,
    TiersContent,
    WriteOffContent,
    decidable,
)
from services.points.proposals.tables import Proposal
from services.points.settlements.set_key import set_key


@dataclass(frozen=True, slots=True)
class Decide:
    """A decision on a proposal, and by whom."""

    area: str
    proposal_id: uuid.UUID
    accept: bool
    remark: str | None
    by: str


async def decide(session: AsyncSession, command: Decide, *, now: datetime) -> Proposal:
    """Decide on a proposal, and do what it says if it is accepted.

    Raises:
        OwnDecision: The same person proposed it.
        ProposalDecided: It is decided.
        Refusal: What it says cannot be done (see the verbs that do it); it stays undecided.
    """
    proposal = await session.get_one(
        Proposal, (command.area, command.proposal_id), with_for_update=True, populate_existing=True
    )
    decidable(proposal.proposal_id, proposed_by=proposal.proposed_by, decided_by=proposal.decided_by, by=command.by)
    proposal.decided_by, proposal.decided_at = command.by, now
    proposal.accepted, proposal.remark = command.accept, command.remark
    await session.flush()
    if command.accept:
        await _do(session, proposal, now)
    return proposal


async def _do(session: AsyncSession, proposal: Proposal, now: datetime) -> None:
    content = CONTENT.validate_python(proposal.content)
    match content:
        case RuleContent():
            await _publish(session, content, proposal, now)
        case BudgetContent():
            await set_limit(session, SetBudget(content.community_code, content.year, content.points))
        case CapContent():
            cap = SetCap(content.area, content.direction, content.activity or "", content.period, content.points_max)
            await set_limit(session, cap)
        case TiersContent():
            await set_tiers(session, content.area, content.months, [tier.model_dump() for tier in content.tiers])
        case KeyContent():
            await set_key(session, content.area, content.key)
        case GrantContent():
            facts = content.model_dump(exclude={"kind"})
            await grant(
                session, Grant(**facts, reference=f"grant-{proposal.proposal_id}", by=proposal.proposed_by), now=now
            )
        case WriteOffContent(reference=deed):
            facts = content.model_dump(exclude={"kind", "reason", "reference"})
            command = WriteOff(**facts, deed=deed, reference=f"write-off:{proposal.proposal_id}")
            await write_off(session, command, now=now)


async def _publish(session: AsyncSession, content: RuleContent, proposal: Proposal, now: datetime) -> None:
    """Publish a rule; only the first one of an activity may be for what was done before."""
    command = PublishRule(**content.model_dump(exclude={"kind"}), published_by=proposal.proposed_by)
    # Which one is the first, only its number tells: others of this activity may be accepted at the same time.
    if (await publish_rule(session, command)).version > 1 and content.effective_from < now:
        raise RuleRetroactive(activity=content.activity, effective_from=content.effective_from.isoformat())
