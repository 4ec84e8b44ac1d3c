"""Earn: a deed with evidence becomes points of its community, by the rule of its time."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.queries import rule_at
from services.points.earning.rules import done_by, points_for
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
    unless_refused,
)
from shared.clock import local_day
from shared.events.points import PointsEarned
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Earn:
    """A deed: who did how much of what, when, and how it is known. `reference` names the deed once and for all."""

    community_code: str
    activity: str
    reference: str
    resident_id: uuid.UUID
    quantity: int
    occurred_at: datetime
    evidence: dict[str, Any]


async def earn(session: AsyncSession, command: Earn, *, now: datetime) -> Deed:
    """Grant what the deed earns, in a lot that expires at a month's end, and tell of it.

    Raises:
        NotYetDone: The deed lies in the future.
        NoEarningRule: The community had no rule for the activity when the deed was done.
        EarnsNothing: The deed is too small for a point.
        AlreadyPosted: The deed has earned before.
    """
    done_by(command.occurred_at, now)
    rule = await rule_at(session, command.community_code, command.activity, command.occurred_at)
    points = points_for(
        command.quantity,
        points=rule.points,
        per_quantity=rule.per_quantity,
        points_max_per_deed=rule.points_max_per_deed,
    )
    lot = NewLot(command.activity, month_end_after(local_day(command.occurred_at), rule.valid_months))
    transfer = _grant(command, AssetClass(rule.asset_class), points, lot)
    [outcome] = await post(session, [[transfer]], today=local_day(now))
    [posted] = unless_refused(outcome)
    deed = Deed(
        community_code=command.community_code,
        activity=command.activity,
        reference=command.reference,
        resident_id=command.resident_id,
        quantity=command.quantity,
        evidence=command.evidence,
        occurred_at=command.occurred_at,
        rule_version=rule.version,
        points=points,
        transfer_id=posted.transfer_id,
    )
    session.add(deed)
    await session.flush()
    await publish(
        session,
        PointsEarned(
            community_code=command.community_code,
            transfer_id=posted.transfer_id,
            resident_id=command.resident_id,
            asset_class=rule.asset_class,
            activity=command.activity,
            points=points,
            expires_on=lot.expires_on,
        ),
    )
    return deed


def _grant(command: Earn, asset_class: AssetClass, points: int, lot: NewLot) -> PostTransfer:
    return PostTransfer(
        community_code=command.community_code,
        asset_class=asset_class,
        kind=TransferKind.EARN,
        reference=f"{command.activity}:{command.reference}",
        amounts=((ISSUER, -points), (resident(command.resident_id), points)),
        lot=lot,
    )
