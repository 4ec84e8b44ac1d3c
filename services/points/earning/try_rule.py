"""Try a rule 试算: what past deeds would have earned by it, deed by deed, with its own caps; nothing is changed."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.queries import caps_of, worth_of
from services.points.earning.rules import TrialTooLong
from services.points.earning.tables import Deed, EarningRule
from services.points.limits.rules import Asked, Room, Use
from services.points.proposals.rules import RuleContent
from shared.clock import local_day
from shared.errors import Refusal

DEEDS_MAX = 50_000
EXAMPLES_MAX = 10
NO_RULE = 0


@dataclass(frozen=True, slots=True)
class TryRule:
    """A rule, and the time from which and before which deeds were done."""

    rule: RuleContent
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What deeds earned, and would have earned.

    Attributes:
        more: How many deeds would have earned more; `less` likewise.
        nothing: How many would have earned nothing, by the refusal's type.
        residents: How many residents had more or less in all.
        examples: References of the deeds that differ most.
    """

    deeds: int
    points_earned: int
    points_tried: int
    more: int
    less: int
    nothing: dict[str, int]
    residents: int
    examples: list[str]


async def try_rule(session: AsyncSession, command: TryRule) -> Trial:
    """Judge the deeds of a rule's activity again, by another rule.

    Budgets, and caps of areas, are left out: they do not change with the rule.

    Raises:
        FormulaInvalid: The rule's formula is none.
        TrialTooLong: There are more than DEEDS_MAX deeds, or the time ends before it begins.
    """
    deeds = await session.scalars(
        select(Deed)
        .where(
            Deed.community_code == command.rule.community_code,
            Deed.activity == command.rule.activity,
            Deed.occurred_at >= command.since,
            Deed.occurred_at < command.until,
            Deed.rule_version != NO_RULE,
        )
        .order_by(Deed.occurred_at, Deed.reference)
        .limit(DEEDS_MAX + 1)
    )
    done = list(deeds)
    if len(done) > DEEDS_MAX or command.until <= command.since:
        raise TrialTooLong(deeds_max=DEEDS_MAX)
    rule = EarningRule(**command.rule.model_dump(exclude={"kind"}))
    room, nothing = Room([], {}, command.until.year), Counter[str]()
    tried = [_judge(deed, rule, room, nothing) for deed in done]
    return _told(done, tried, dict(nothing))


def _judge(deed: Deed, rule: EarningRule, room: Room, nothing: Counter[str]) -> int:
    try:
        points = worth_of(rule).of(deed.quantity, deed.occurred_at, deed.evidence)
        use = Use(deed.community_code, deed.activity, local_day(deed.occurred_at), points)
        fitting = room.fit(Asked(deed.resident_id, use, caps_of(rule)))
    except Refusal as refusal:
        nothing[refusal.type] += 1
        return 0
    room.take(fitting)
    return fitting.use.points


def _told(done: list[Deed], tried: list[int], nothing: dict[str, int]) -> Trial:
    differences = [new - deed.points for deed, new in zip(done, tried, strict=True)]
    by_resident: dict[uuid.UUID, int] = {}
    for deed, difference in zip(done, differences, strict=True):
        by_resident[deed.resident_id] = by_resident.get(deed.resident_id, 0) + difference
    places = sorted((n for n, difference in enumerate(differences) if difference), key=lambda n: -abs(differences[n]))
    return Trial(
        deeds=len(done),
        points_earned=sum(deed.points for deed in done),
        points_tried=sum(tried),
        more=sum(difference > 0 for difference in differences),
        less=sum(difference < 0 for difference in differences),
        nothing=nothing,
        residents=sum(difference != 0 for difference in by_resident.values()),
        examples=[done[place].reference for place in places[:EXAMPLES_MAX]],
    )
