"""Grant: points that no rule gives, as two persons have decided; they come out of the budget like all others."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.earning.tables import Deed
from services.points.ledger.post import post
from services.points.ledger.rules import (
    ISSUER,
    AssetClass,
    NewLot,
    PostTransfer,
    TransferKind,
    month_end_after,
    resident,
)
from services.points.limits.read_room import read_room, take_room
from services.points.limits.rules import Asked, Direction, Use
from shared.clock import local_day
from shared.errors import unless_refused
from shared.events.points import PointsEarned
from shared.outbox import publish

NO_RULE = 0
"""The version of the rule of what was granted by none."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Service points for a resident, and why; `reference` names the grant once and for all."""

    community_code: str
    reference: str
    resident_id: uuid.UUID
    activity: str
    points: int
    valid_months: int
    reason: str
    by: str


async def grant(session: AsyncSession, command: Grant, *, now: datetime) -> None:
    """Grant points as a deed of its own, all of them or none.

    Raises:
        CommunityUnknown: The community does not take part.
        CapReached: The resident may earn less.
        OverBudget: The community may grant less.
        AlreadyPosted: It was granted before.
    """
    await require_communities(session, command.community_code)
    lot = NewLot(command.activity, month_end_after(local_day(now), command.valid_months))
    use = Use(command.community_code, command.activity, local_day(now), command.points)
    asked = Asked(command.resident_id, use)
    room = await read_room(session, Direction.EARN, [asked], now=now)
    room.take(asked)
    room.issue(use)
    [outcome] = await post(session, [[_transfer(command, lot)]], now=now)
    [posted] = unless_refused(outcome)
    await take_room(session, room.year, [(command.community_code, command.points)])
    session.add(_deed(command, posted.transfer_id, now))
    told = PointsEarned(
        community_code=command.community_code,
        transfer_id=posted.transfer_id,
        resident_id=command.resident_id,
        asset_class="service",
        activity=command.activity,
        points=command.points,
        expires_on=lot.expires_on,
    )
    await publish(session, told)


def _transfer(command: Grant, lot: NewLot) -> PostTransfer:
    amounts = (ISSUER, -command.points), (resident(command.resident_id), command.points)
    reference = f"{command.activity}:{command.reference}"
    return PostTransfer(command.community_code, AssetClass.SERVICE, TransferKind.EARN, reference, amounts, lot)


def _deed(command: Grant, transfer_id: uuid.UUID, now: datetime) -> Deed:
    return Deed(
        community_code=command.community_code,
        activity=command.activity,
        reference=command.reference,
        resident_id=command.resident_id,
        quantity=command.points,
        evidence={"reason": command.reason},
        occurred_at=now,
        rule_version=NO_RULE,
        points=command.points,
        registered_by=command.by,
        transfer_id=transfer_id,
    )
