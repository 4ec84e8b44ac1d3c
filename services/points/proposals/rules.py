"""What takes two persons, and who they may be."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from services.points.earning.rules import FORMULA
from services.points.ledger.rules import AssetClass
from services.points.limits.rules import Direction, Period
from shared.clock import Moment
from shared.errors import Conflict, Forbidden, Unseen
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode

Activity = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,39}$", examples=["volunteering"])]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=PRINTABLE)]
EvidenceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["photos"])]
PointsMax = Annotated[int, Field(ge=1, le=10_000_000)]


@dataclass(kw_only=True, eq=False)
class ProposalUnknown(Unseen):
    """There is no such proposal, or none that this caller may see."""

    type = "proposal-unknown"
    title = "没有该提议"
    title_en = "Proposal unknown"
    detail = "没有提议 {proposal_id}，或您无权查看。"
    detail_en = "There is no proposal {proposal_id} that you may see."

    proposal_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class ProposalDecided(Conflict):
    """The proposal was decided before."""

    type = "proposal-decided"
    title = "该提议已有决定"
    title_en = "Proposal decided already"
    detail = "提议 {proposal_id} 已有决定；如需更改请另行提议。"
    detail_en = "Proposal {proposal_id} is decided; to change it, propose anew."

    proposal_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class OwnDecision(Forbidden):
    """Nobody decides on what they proposed themselves."""

    type = "own-decision"
    title = "不能决定自己的提议"
    title_en = "Own decision"
    detail = "提议须由另一人决定。"
    detail_en = "Another person must decide on the proposal."


class Part(BaseModel):
    """What is proposed: nothing unknown is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleContent(Part):
    """What an activity shall earn from a time on: a rule's next version."""

    kind: Literal["rule"]
    community_code: CommunityCode
    activity: Activity
    asset_class: Literal[AssetClass.BASIC, AssetClass.SERVICE]
    points: Annotated[int, Field(ge=1, le=10_000, description="每计量单位积分 / points for each per_quantity")]
    per_quantity: Annotated[int, Field(ge=1, le=100_000, description="计量单位 / minutes, grams or times")]
    formula: Annotated[
        str,
        Field(
            max_length=300,
            description="计分公式：quantity、points、per_quantity、hour、weekday 及所要求的佐证 / what a deed earns",
        ),
    ] = FORMULA
    evidence_required: Annotated[
        tuple[EvidenceName, ...], Field(max_length=20, description="必须提供的佐证 / without it nothing is earned")
    ] = ()
    points_max_per_deed: Annotated[int, Field(ge=1, le=100_000)]
    needs_verification: Annotated[
        bool, Field(description="由他人核定后才计分 / points wait until somebody else has verified the deed")
    ] = False
    points_max_per_day: PointsMax | None = None
    points_max_per_month: PointsMax | None = None
    points_max_in_life: PointsMax | None = None
    valid_months: Annotated[int, Field(ge=1, le=120)] = 24
    effective_from: Moment


class BudgetContent(Part):
    """How many service points a community may grant in a civil year."""

    kind: Literal["budget"]
    community_code: CommunityCode
    year: Annotated[int, Field(ge=2000, le=2099)]
    points: Annotated[int, Field(ge=0, le=10**12)]


class CapContent(Part):
    """The most that one resident may earn or spend in a period, over all communities of an area."""

    kind: Literal["cap"]
    area: AreaPrefix
    direction: Direction
    activity: Annotated[Activity | None, Field(description="仅获取可按活动 / for earning alone")] = None
    period: Literal[Period.DAY, Period.WEEK, Period.MONTH]
    points_max: Annotated[int | None, Field(ge=0, le=10_000_000, description="空为取消 / null lifts it")]

    @model_validator(mode="after")
    def _activities_earn(self) -> Self:
        if self.activity and self.direction is Direction.SPEND:
            raise ValueError("an activity is what earns: a cap on spending has none")
        return self


class Tier(Part):
    """A tier of honour, from how many earned points on."""

    name: Text
    points_min: Annotated[int, Field(ge=1, le=10**9)]


class TiersContent(Part):
    """The tiers of honour in an area, the lowest first, and over how many months earned points count, or for ever."""

    kind: Literal["tiers"]
    area: AreaPrefix
    months: Annotated[int | None, Field(ge=1, le=120)] = None
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        least = [tier.points_min for tier in self.tiers]
        if least != sorted(set(least)):
            raise ValueError("each tier takes more points than the one before")
        return self


class KeyContent(Part):
    """The SM2 public key with which a street or district approves what merchants are paid."""

    kind: Literal["approver_key"]
    area: AreaPrefix
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$", description="SM2 公钥，64 字节十六进制 / 64 bytes in hex")]


class GrantContent(Part):
    """Service points for a resident that no rule gives: an honour, or a deed of an unforeseen kind."""

    kind: Literal["grant"]
    community_code: CommunityCode
    resident_id: uuid.UUID
    activity: Activity
    points: Annotated[int, Field(ge=1, le=100_000)]
    valid_months: Annotated[int, Field(ge=1, le=120)] = 24
    reason: Text


class WriteOffContent(Part):
    """Points that were granted in error, by the deed that they were granted for, to be taken back in whole or part."""

    kind: Literal["write_off"]
    community_code: CommunityCode
    activity: Activity
    reference: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    points: Annotated[int, Field(ge=1, le=100_000)]
    reason: Text


Content = Annotated[
    RuleContent | BudgetContent | CapContent | TiersContent | KeyContent | GrantContent | WriteOffContent,
    Field(discriminator="kind"),
]
CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
"""Reads what is stored."""


def area_of(content: Content) -> str:
    """Return where the authority must be held for what is proposed."""
    return content.area if isinstance(content, CapContent | TiersContent | KeyContent) else content.community_code


def decidable(proposal_id: uuid.UUID, *, proposed_by: str, decided_by: str | None, by: str) -> None:
    """Refuse a decision by who proposed it, or on what is decided.

    Raises:
        OwnDecision: The same person proposed it.
        ProposalDecided: It is decided.
    """
    if proposed_by == by:
        raise OwnDecision
    if decided_by is not None:
        raise ProposalDecided(proposal_id=proposal_id)
