"""Earn: deeds with evidence become points of their communities, each by the rule of its time."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.queries import Activity, rule_at, rules_of
from services.points.earning.rules import done_by, points_for
from services.points.earning.tables import Deed, EarningRule
from services.points.ledger.post import post
from services.points.ledger.rules import (
    ISSUER,
    AssetClass,
    NewLot,
    Outcome,
    PostTransfer,
    TransferKind,
    month_end_after,
    resident,
)
from shared.clock import local_day
from shared.errors import Refusal
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


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a deed earns, if it has not earned before."""

    deed: Earn
    rule_version: int
    points: int
    transfer: PostTransfer
    lot: NewLot


async def earn(session: AsyncSession, commands: Sequence[Earn], *, now: datetime) -> list[Deed | Refusal]:
    """Grant what deeds earn, in lots that expire at a month's end, and tell of it.

    Returns:
        For each deed in its order what was granted, or why nothing was; one that is refused never stops the others:
        NotYetDone, it lies in the future; NoEarningRule, its community had no rule for the activity when it was done;
        EarnsNothing, it is too small for a point; AlreadyPosted, it has earned before.
    """
    rules = await rules_of(session, {(one.community_code, one.activity): None for one in commands})
    judged = [_judge(one, rules, now) for one in commands]
    grants = [one for one in judged if isinstance(one, _Grant)]
    outcomes = iter(await post(session, [[one.transfer] for one in grants], now=now))
    answers = [_done(one, next(outcomes)) if isinstance(one, _Grant) else one for one in judged]
    if granted := [(one, deed) for one, deed in zip(judged, answers, strict=True) if isinstance(deed, Deed)]:
        session.add_all([deed for _, deed in granted])
        await session.flush()
        await publish(session, *(_told(one, deed) for one, deed in granted if isinstance(one, _Grant)))
    return answers


def _judge(command: Earn, rules: Mapping[Activity, Sequence[EarningRule]], now: datetime) -> _Grant | Refusal:
    try:
        done_by(command.occurred_at, now)
        rule = rule_at(rules, (command.community_code, command.activity), command.occurred_at)
        points = points_for(
            command.quantity,
            points=rule.points,
            per_quantity=rule.per_quantity,
            points_max_per_deed=rule.points_max_per_deed,
        )
    except Refusal as refusal:
        return refusal
    lot = NewLot(command.activity, month_end_after(local_day(command.occurred_at), rule.valid_months))
    transfer = PostTransfer(
        community_code=command.community_code,
        asset_class=AssetClass(rule.asset_class),
        kind=TransferKind.EARN,
        reference=f"{command.activity}:{command.reference}",
        amounts=((ISSUER, -points), (resident(command.resident_id), points)),
        lot=lot,
    )
    return _Grant(command, rule.version, points, transfer, lot)


def _done(grant: _Grant, outcome: Outcome) -> Deed | Refusal:
    if isinstance(outcome, Refusal):
        return outcome
    deed = grant.deed
    return Deed(
        community_code=deed.community_code,
        activity=deed.activity,
        reference=deed.reference,
        resident_id=deed.resident_id,
        quantity=deed.quantity,
        evidence=deed.evidence,
        occurred_at=deed.occurred_at,
        rule_version=grant.rule_version,
        points=grant.points,
        transfer_id=outcome[0].transfer_id,
    )


def _told(grant: _Grant, deed: Deed) -> PointsEarned:
    return PointsEarned(
        community_code=deed.community_code,
        transfer_id=deed.transfer_id,
        resident_id=deed.resident_id,
        asset_class=grant.transfer.asset_class.value,
        activity=deed.activity,
        points=deed.points,
        expires_on=grant.lot.expires_on,
    )
