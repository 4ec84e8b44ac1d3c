"""What points tells: what was earned and what was redeemed."""

import uuid
from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from shared.events import Event


class PointsEarned(Event):
    """A resident was granted points of this community for a good deed."""

    type: ClassVar[str] = "points.points-earned.v1"

    transfer_id: uuid.UUID
    resident_id: uuid.UUID
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

    resident_id: uuid.UUID
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
