"""Earn: deeds with evidence become points of their communities, each by the rule of its time."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.queries import Activity, caps_of, rule_at, rules_of, worth_of
from services.points.earning.rules import done_by
from services.points.earning.tables import EarningRule
from services.points.ledger.post import post
from services.points.ledger.rules import (
    ISSUER,
    AlreadyPosted,
    AssetClass,
    NewLot,
    Outcome,
    PostTransfer,
    TransferKind,
    month_end_after,
    resident,
)
from services.points.limits.read_room import read_room, take_room
from services.points.limits.rules import Asked, Direction, Room, Use
from shared.clock import local_day
from shared.database import columns
from shared.errors import Refusal
from shared.events.points import PointsEarned
from shared.outbox import publish
from shared.telemetry import traceparent


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
    registered_by: str | None = None
    trace: str = field(default_factory=traceparent)


@dataclass(frozen=True, slots=True)
class Earned:
    """A deed that was registered, with what it earned by which version of the rule."""

    community_code: str
    activity: str
    reference: str
    resident_id: uuid.UUID
    quantity: int
    occurred_at: datetime
    rule_version: int
    points: int
    transfer_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a deed earns, if it has not earned before, and nothing limits it."""

    deed: Earn
    rule: EarningRule
    asked: Asked

    @property
    def lot(self) -> NewLot:
        expires_on = month_end_after(local_day(self.deed.occurred_at), self.rule.valid_months)
        return NewLot(self.deed.activity, expires_on)

    def transfer(self, points: int) -> PostTransfer:
        deed = self.deed
        return PostTransfer(
            community_code=deed.community_code,
            asset_class=AssetClass(self.rule.asset_class),
            kind=TransferKind.EARN,
            reference=f"{deed.activity}:{deed.reference}",
            amounts=((ISSUER, -points), (resident(deed.resident_id), points)),
            lot=self.lot,
        )


_values = attrgetter(*(each.name for each in fields(Earned)))

_REGISTER = text("""
    INSERT INTO deed (community_code, activity, reference, resident_id, quantity, occurred_at, rule_version, points,
                      transfer_id, evidence, asset_class, registered_by)
    SELECT * FROM unnest(
        CAST(:codes AS text[]), CAST(:activities AS text[]), CAST(:references AS text[]), CAST(:residents AS uuid[]),
        CAST(:quantities AS bigint[]), CAST(:times AS timestamptz[]), CAST(:versions AS bigint[]),
        CAST(:points AS bigint[]), CAST(:transfer_ids AS uuid[]), CAST(CAST(:evidence AS text[]) AS jsonb[]),
        CAST(:classes AS text[]), CAST(:registrars AS text[]))
""")
_KNOWN = text("""
    SELECT place FROM unnest(CAST(:codes AS text[]), CAST(:activities AS text[]), CAST(:references AS text[]))
        WITH ORDINALITY AS asked (community_code, activity, reference, place)
    JOIN deed USING (community_code, activity, reference)
""")


async def earn(session: AsyncSession, commands: Sequence[Earn], *, now: datetime) -> list[Earned | Refusal]:
    """Grant what deeds earn, in lots that expire at a month's end, and tell of it.

    What is above a cap of the resident is not earned.

    Returns:
        For each deed in its order what was granted, or why nothing was; one that is refused never stops the others:
        NotYetDone, it lies in the future; NoEarningRule, its community had no rule for the activity when it was done;
        EvidenceMissing, the rule asks for more; EarnsNothing, it is too small for a point; CapReached, the resident
        may earn no more; OverBudget, its community may grant no more; AlreadyPosted, it has earned before.
    """
    rules = await rules_of(session, {(one.community_code, one.activity): None for one in commands})
    judged = [_judge(one, rules, now) for one in commands]
    grants = [one for one in judged if isinstance(one, _Grant)]
    room = await read_room(session, Direction.EARN, [one.asked for one in grants], now=now)
    known = await _known(session, grants)
    transfers = [_within(one, room, known) if isinstance(one, _Grant) else one for one in judged]
    outcomes = iter(await post(session, [[one] for one in transfers if isinstance(one, PostTransfer)], now=now))
    answers = [
        _done(grant, next(outcomes)) if isinstance(grant, _Grant) and isinstance(one, PostTransfer) else one
        for grant, one in zip(judged, transfers, strict=True)
    ]
    granted = [
        (one, earned)
        for one, earned in zip(judged, answers, strict=True)
        if isinstance(one, _Grant) and isinstance(earned, Earned)
    ]
    if granted:
        issued = [(one.deed.community_code, e.points) for one, e in granted if one.asked.use.spendable]
        await take_room(session, room.year, issued)
        await session.execute(_REGISTER, _registered(granted))
        traces = [one.deed.trace for one, _ in granted]
        await publish(session, *(_told(one, earned) for one, earned in granted), traces=traces)
    return [one for one in answers if isinstance(one, Earned | Refusal)]


def _judge(command: Earn, rules: Mapping[Activity, Sequence[EarningRule]], now: datetime) -> _Grant | Refusal:
    try:
        done_by(command.occurred_at, now)
        rule = rule_at(rules, (command.community_code, command.activity), command.occurred_at)
        points = worth_of(rule).of(command.quantity, command.occurred_at, command.evidence)
    except Refusal as refusal:
        return refusal
    spendable = rule.asset_class == AssetClass.SERVICE
    use = Use(command.community_code, command.activity, local_day(command.occurred_at), points, spendable)
    return _Grant(command, rule, Asked(command.resident_id, use, caps_of(rule)))


async def _known(session: AsyncSession, grants: Sequence[_Grant]) -> set[tuple[str, str, str]]:
    """Return which of these deeds have earned before: they take no room."""
    named = [_named(one.deed) for one in grants]
    found = await session.execute(_KNOWN, columns("codes activities references", named))
    return {named[row.place - 1] for row in found}


def _named(deed: Earn) -> tuple[str, str, str]:
    return deed.community_code, deed.activity, deed.reference


def _within(grant: _Grant, room: Room, known: set[tuple[str, str, str]]) -> PostTransfer | Refusal:
    """Return the transfer of what there is room for; a deed that comes twice has room once."""
    if _named(grant.deed) in known:
        return AlreadyPosted(reference=f"{grant.deed.activity}:{grant.deed.reference}")
    try:
        fitting = room.fit(grant.asked)
        room.issue(fitting.use)
    except Refusal as refusal:
        return refusal
    room.take(fitting)
    known.add(_named(grant.deed))
    return grant.transfer(fitting.use.points)


def _done(grant: _Grant, outcome: Outcome) -> Earned | Refusal:
    if isinstance(outcome, Refusal):
        return outcome
    deed = grant.deed
    return Earned(
        community_code=deed.community_code,
        activity=deed.activity,
        reference=deed.reference,
        resident_id=deed.resident_id,
        quantity=deed.quantity,
        occurred_at=deed.occurred_at,
        rule_version=grant.rule.version,
        points=outcome[0].command.amounts[1][1],
        transfer_id=outcome[0].transfer_id,
    )


def _registered(granted: Sequence[tuple[_Grant, Earned]]) -> dict[str, list[Any]]:
    return columns(
        "codes activities references residents quantities times versions points transfer_ids evidence classes"
        " registrars",
        [
            (*_values(one), json.dumps(grant.deed.evidence, ensure_ascii=False), grant.rule.asset_class, by)
            for grant, one in granted
            for by in [grant.deed.registered_by]
        ],
    )


def _told(grant: _Grant, deed: Earned) -> PointsEarned:
    return PointsEarned(
        community_code=deed.community_code,
        transfer_id=deed.transfer_id,
        resident_id=deed.resident_id,
        asset_class=AssetClass(grant.rule.asset_class).value,
        activity=deed.activity,
        points=deed.points,
        expires_on=grant.lot.expires_on,
    )
