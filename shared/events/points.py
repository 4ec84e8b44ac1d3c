"""What points tells: what was earned and what was redeemed."""

import uuid
from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from shared.events import Event
from shared.fields import ResidentId


class PointsEarned(Event):
    """A resident was granted points of this community for a good deed."""

    type: ClassVar[str] = "points.points-earned.v1"

    transfer_id: uuid.UUID
    resident_id: ResidentId
    asset_class: Literal["basic", "service"]
    activity: str
    points: int
    expires_on: date

    @property
    def key(self) -> str:
        """Order is kept per resident."""
        return str(self.resident_id)


class PointsExpiring(Event):
    """Points of a resident expire soon: told 30, 7 and 1 days before, of those that it still has."""

    type: ClassVar[str] = "points.points-expiring.v1"

    resident_id: ResidentId
    points: int
    expires_on: date
    days_before: Literal[30, 7, 1]

    @property
    def key(self) -> str:
        """Order is kept per resident."""
        return str(self.resident_id)


class RedemptionCaptured(Event):
    """A resident paid a merchant of this community in points.

    `points` is what the merchant received, in points of its own community; `paid_points` what the resident gave, in
    points of `payer_community_code`. They differ by the corridor's discount.
    """

    type: ClassVar[str] = "points.redemption-captured.v1"

    redemption_id: uuid.UUID
    merchant_id: uuid.UUID
    points: int
    payer_community_code: str
    paid_points: int
    captured_at: datetime

    @property
    def key(self) -> str:
        """Order is kept per merchant."""
        return str(self.merchant_id)


class RedemptionRefunded(Event):
    """A merchant of this community gave back points of a redemption; `refunded_points` is what it gave back in all."""

    type: ClassVar[str] = "points.redemption-refunded.v1"

    redemption_id: uuid.UUID
    merchant_id: uuid.UUID
    points: int
    refunded_points: int
    payer_community_code: str
    refunded_at: datetime

    @property
    def key(self) -> str:
        """Order is kept per merchant."""
        return str(self.merchant_id)


class SettlementPayment(BaseModel):
    """What a community pays a counterparty (negative: gets from it), in points; it may be the clearing house."""

    model_config = ConfigDict(frozen=True)

    counterparty: str
    points: int


class CommunitySettled(Event):
    """A netting window was settled: what this community pays others outside the book, and gets from them.

    `net_points` is what it owes over all (negative: is owed); its payments add up to it.
    """

    type: ClassVar[str] = "points.community-settled.v1"

    window: int
    net_points: int
    payments: list[SettlementPayment]
    settled_at: datetime


class SoftLimitPassed(Event):
    """What this community owes, open quotes included, passed the soft limit of one of its net debit caps.

    `counterparty` is the community owed, or `all` for all others together.
    """

    type: ClassVar[str] = "points.soft-limit-passed.v1"

    counterparty: str
    points: int
    soft: int
    hard: int
    passed_at: datetime


class CrossingRequested(Event):
    """A resident of this community wants to pay a merchant of `to_community`, in another cell; the points are held.

    `points` is what the merchant is to get, `paid_points` what the resident gives. The merchant's cell decides before
    `deadline`, by its own clock, and refuses after. `request_no` counts the requests from one community to the other,
    and `decision_heard` is the number of the latest decision that the payer's cell has carried out.
    """

    type: ClassVar[str] = "points.crossing-requested.v1"

    crossing_id: uuid.UUID
    to_community: str
    resident_id: ResidentId
    merchant_id: uuid.UUID
    points: int
    paid_points: int
    rate_bp: int
    discount_bp: int
    request_no: int
    decision_heard: int
    deadline: datetime

    @property
    def key(self) -> str:
        """Order is kept per crossing."""
        return str(self.crossing_id)


class CrossingDecided(Event):
    """This community accepted a crossing from `from_community`, and its merchant is paid; or refused it for good.

    `decision_no` counts the decisions on what comes from the other, and `request_heard` is the number of its latest
    request that was decided.
    """

    type: ClassVar[str] = "points.crossing-decided.v1"

    crossing_id: uuid.UUID
    from_community: str
    accepted: bool
    reason: str | None
    decision_no: int
    request_heard: int

    @property
    def key(self) -> str:
        """Order is kept per crossing."""
        return str(self.crossing_id)


class PaymentStepAnswered(Event):
    """A step of paying a booking was taken, or refused for a reason (a type of problem)."""

    type: ClassVar[str] = "points.payment-step-answered.v1"

    booking_id: uuid.UUID
    resident_id: ResidentId
    step: str
    accepted: bool
    reason: str | None

    @property
    def key(self) -> str:
        """Order is kept per resident."""
        return str(self.resident_id)


class HelpPledged(Event):
    """Quarter hours were pledged for help that was agreed on, or not, for a reason (a type of problem)."""

    type: ClassVar[str] = "points.help-pledged.v1"

    visit_id: uuid.UUID
    accepted: bool
    reason: str | None

    @property
    def key(self) -> str:
        """Order is kept per visit."""
        return str(self.visit_id)


class HoursPosted(Event):
    """The quarter hours of help that was given are in the book, or not, for a reason (a type of problem).

    `donated_quarters` is what was past the cap of the giver's, and went to the community.
    """

    type: ClassVar[str] = "points.hours-posted.v1"

    visit_id: uuid.UUID
    revision: int
    accepted: bool
    reason: str | None
    donated_quarters: int

    @property
    def key(self) -> str:
        """Order is kept per visit."""
        return str(self.visit_id)


class ResidentErased(Event):
    """What this service held of a resident is erased, as a request wanted it; whose it was is not told again."""

    type: ClassVar[str] = "points.resident-erased.v1"

    request_id: uuid.UUID

    @property
    def key(self) -> str:
        """Order is kept per request."""
        return str(self.request_id)
