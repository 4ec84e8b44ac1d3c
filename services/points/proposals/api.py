"""Proposing, and deciding on what another has proposed."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.points.communities.rules import CommunityUnknown
from services.points.earning.rules import DeedUnknown, RuleRetroactive
from services.points.ledger.rules import MoreThanPosted, NotEnoughPoints
from services.points.limits.rules import BudgetBelowIssued, CapReached, OverBudget
from services.points.proposals.decide import Decide, decide
from services.points.proposals.propose import Propose, propose
from services.points.proposals.queries import get_proposal, proposals_in
from services.points.proposals.rules import Content, OwnDecision, ProposalDecided, ProposalUnknown, Text, area_of
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix
from shared.formula import FormulaInvalid
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/proposals", tags=["双人复核 proposals"], route_class=IdempotentRoute)


class DecisionRequest(BaseModel):
    """A decision."""

    model_config = ConfigDict(extra="forbid")

    accept: bool
    remark: Text | None = None


class ProposalView(BaseModel):
    """What was proposed, and how it was decided."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="proposal_id")]
    area: str
    kind: str
    content: dict[str, Any]
    proposed_by: str
    proposed_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    accepted: bool | None
    remark: str | None


@router.post(
    "",
    status_code=201,
    summary="提议 / Propose",
    responses=responses(OutOfScope, CommunityUnknown, FormulaInvalid),
)
async def post_proposal(body: Content, session: Transaction, who: Caller) -> ProposalView:
    """Propose a rule, a budget, a cap, a grant or a write-off; it takes effect when another person agrees."""
    who.require(area_of(body), "official", "operator")
    proposal = await propose(session, Propose(body, who.subject), now=datetime.now(UTC))
    return ProposalView.model_validate(proposal)


@router.get("", summary="查询提议 / Proposals of an area", responses=responses(OutOfScope))
async def list_proposals(
    area: Annotated[AreaPrefix, Query()],
    session: Transaction,
    who: Caller,
    undecided: Annotated[bool, Query(description="仅待决定 / only those that wait")] = False,  # noqa: FBT002 - a query
) -> list[ProposalView]:
    """List the newest proposals of an area."""
    who.require(area, "official", "operator", "auditor")
    return [ProposalView.model_validate(one) for one in await proposals_in(session, area, undecided=undecided)]


@router.post(
    "/{proposal_id}/decision",
    summary="决定提议 / Decide on a proposal",
    responses=responses(
        OutOfScope,
        ProposalUnknown,
        OwnDecision,
        ProposalDecided,
        RuleRetroactive,
        BudgetBelowIssued,
        CapReached,
        OverBudget,
        DeedUnknown,
        MoreThanPosted,
        NotEnoughPoints,
    ),
)
async def post_decision(
    proposal_id: uuid.UUID, body: DecisionRequest, session: Transaction, who: Caller
) -> ProposalView:
    """Decide on what another person has proposed; accepted, it takes effect at once."""
    area = (await get_proposal(session, proposal_id, who)).area
    who.require(area, "official", "operator")
    command = Decide(area, proposal_id, body.accept, body.remark, who.subject)
    return ProposalView.model_validate(await decide(session, command, now=datetime.now(UTC)))
