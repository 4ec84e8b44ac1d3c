"""Earn: deeds with evidence become points of their communities, each by the rule of its time."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

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
from shared.database import SetStatement, columns
from shared.errors import Refusal
from shared.events.points import PointsEarned
from shared.outbox import publish
from shared.telemetry import traceparent


@dataclass(frozen=True, slots=True)
class Earn:
    """A deed: who did how much of what, when, and how it is known. `reference` names the deed once and for all.

    `verified` says that somebody else than who registered it has looked at it.
    """

    community_code: str
    activity: str
    reference: str
    resident_id: uuid.UUID
    quantity: int
    occurred_at: datetime
    evidence: dict[str, Any]
    registered_by: str | None = None
    verified: bool = False
    trace: str = field(default_factory=traceparent)


@dataclass(frozen=True, slots=True)
class Earned:
    """A deed that was registered, with what it earned by which version of the rule.

    Without a transfer its points are pending until the deed is verified: what caps and budget then leave of them.
    """

    community_code: str
    activity: str
    reference: str
    resident_id: uuid.UUID
    quantity: int
    occurred_at: datetime
    rule_version: int
    points: int
    transfer_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a deed earns, if it has not earned before, and nothing limits it."""

    deed: Earn
    rule: EarningRule
    asked: Asked

    @property
    def pending(self) -> bool:
        return self.rule.needs_verification and not self.deed.verified

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

_REGISTER = SetStatement("""
    INSERT INTO deed (community_code, activity, reference, resident_id, quantity, occurred_at, rule_version, points,
                      transfer_id, evidence, asset_class, registered_by)
    SELECT * FROM unnest(
        CAST(:codes AS text[]), CAST(:activities AS text[]), CAST(:references AS text[]), CAST(:residents AS uuid[]),
        CAST(:quantities AS bigint[]), CAST(:times AS timestamptz[]), CAST(:versions AS bigint[]),
        CAST(:points AS bigint[]), CAST(:transfer_ids AS uuid[]), CAST(CAST(:evidence AS text[]) AS jsonb[]),
        CAST(:classes AS text[]), CAST(:registrars AS text[]))
""")
_PEND = SetStatement("""
    INSERT INTO pending_deed (community_code, activity, reference, resident_id, quantity, occurred_at, rule_version,
                              points, registered_by, evidence, registered_at)
    SELECT *, CAST(:now AS timestamptz) FROM unnest(
        CAST(:codes AS text[]), CAST(:activities AS text[]), CAST(:references AS text[]), CAST(:residents AS uuid[]),
        CAST(:quantities AS bigint[]), CAST(:times AS timestamptz[]), CAST(:versions AS bigint[]),
        CAST(:points AS bigint[]), CAST(:registrars AS text[]), CAST(CAST(:evidence AS text[]) AS jsonb[]))
    ON CONFLICT DO NOTHING RETURNING community_code, activity, reference
""")
_KNOWN = SetStatement("""
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
    room = await read_room(session, Direction.EARN, [one.asked for one in grants if not one.pending], now=now)
    known = await _known(session, grants)
    waiting = await _pend(session, [one for one in grants if one.pending and _named(one.deed) not in known], now)
    transfers = [_within(one, room, known, waiting) if isinstance(one, _Grant) else one for one in judged]
    outcomes = iter(await post(session, [[one] for one in transfers if isinstance(one, PostTransfer)], now=now))
    answers = [
        _done(grant, next(outcomes)) if isinstance(grant, _Grant) and isinstance(one, PostTransfer) else one
        for grant, one in zip(judged, transfers, strict=True)
    ]
    granted = [
        (one, earned)
        for one, earned in zip(judged, answers, strict=True)
        if isinstance(one, _Grant) and isinstance(earned, Earned) and earned.transfer_id
    ]
    if granted:
        issued = [(one.deed.community_code, e.points) for one, e in granted if one.asked.use.spendable]
        await take_room(session, room.year, issued)
        await _REGISTER.run(session, _registered(granted))
        traces = [one.deed.trace for one, _ in granted]
        told = [_told(one, earned, earned.transfer_id) for one, earned in granted if earned.transfer_id]
        await publish(session, *told, traces=traces)
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
    found = await _KNOWN.run(session, columns("codes activities references", named))
    return {named[row["place"] - 1] for row in found}


def _named(deed: Earn) -> tuple[str, str, str]:
    return deed.community_code, deed.activity, deed.reference


async def _pend(session: AsyncSession, grants: Sequence[_Grant], now: datetime) -> set[tuple[str, str, str]]:
    """Note deeds that wait to be verified; returns those that did not wait before."""
    if not grants:
        return set()
    rows = [
        (*_values(_earned(one, one.asked.use.points, None))[:-1], one.deed.registered_by, _evidence(one.deed))
        for one in {_named(one.deed): one for one in reversed(grants)}.values()
    ]
    names = "codes activities references residents quantities times versions points registrars evidence"
    found = await _PEND.run(session, {**columns(names, rows), "now": now})
    return set(map(tuple, found))


def _evidence(deed: Earn) -> str:
    return json.dumps(deed.evidence, ensure_ascii=False)


def _within(
    grant: _Grant, room: Room, known: set[tuple[str, str, str]], waiting: set[tuple[str, str, str]]
) -> PostTransfer | Earned | Refusal:
    """Return the transfer of what there is room for, if it need not wait; a deed that comes twice has room once."""
    if grant.pending and _named(grant.deed) in waiting:
        waiting.remove(_named(grant.deed))
        return _earned(grant, grant.asked.use.points, None)
    if grant.pending or _named(grant.deed) in known:
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
    return _earned(grant, outcome[0].command.amounts[1][1], outcome[0].transfer_id)


def _earned(grant: _Grant, points: int, transfer_id: uuid.UUID | None) -> Earned:
    deed = grant.deed
    return Earned(
        community_code=deed.community_code,
        activity=deed.activity,
        reference=deed.reference,
        resident_id=deed.resident_id,
        quantity=deed.quantity,
        occurred_at=deed.occurred_at,
        rule_version=grant.rule.version,
        points=points,
        transfer_id=transfer_id,
    )


def _registered(granted: Sequence[tuple[_Grant, Earned]]) -> dict[str, list[Any]]:
    return columns(
        "codes activities references residents quantities times versions points transfer_ids evidence classes"
        " registrars",
        [
            (*_values(one), _evidence(grant.deed), grant.rule.asset_class, grant.deed.registered_by)
            for grant, one in granted
        ],
    )


def _told(grant: _Grant, deed: Earned, transfer_id: uuid.UUID) -> PointsEarned:
    return PointsEarned(
        community_code=deed.community_code,
        transfer_id=transfer_id,
        resident_id=deed.resident_id,
        asset_class=AssetClass(grant.rule.asset_class).value,
        activity=deed.activity,
        points=deed.points,
        expires_on=grant.lot.expires_on,
    )
