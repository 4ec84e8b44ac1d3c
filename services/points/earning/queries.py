"""Reads of earning rules, and of deeds that wait to be verified."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.rules import NoEarningRule, Worth
from services.points.earning.tables import EarningRule, PendingDeed
from services.points.limits.rules import Cap, Direction, Period
from shared.database import SetStatement

PENDING_MAX = 500

Activity = tuple[str, str]
"""A community and what is done there."""

_VERSIONS = SetStatement("""
    SELECT earning_rule.* FROM earning_rule
    JOIN unnest(CAST(:codes AS text[]), CAST(:activities AS text[])) AS done (community_code, activity)
        USING (community_code, activity)
    ORDER BY effective_from DESC, version DESC
""")


async def rules_of(session: AsyncSession, activities: Iterable[Activity]) -> Mapping[Activity, Sequence[EarningRule]]:
    """Return the rules of activities, the one that came into force last before the others."""
    rules: dict[Activity, list[EarningRule]] = {activity: [] for activity in activities}
    asked = {"codes": [code for code, _ in rules], "activities": [activity for _, activity in rules]}
    for row in await _VERSIONS.run(session, asked):
        rules[row["community_code"], row["activity"]].append(EarningRule(**row))
    return rules


def rule_at(rules: Mapping[Activity, Sequence[EarningRule]], activity: Activity, at: datetime) -> EarningRule:
    """Return the rule that was in force for an activity at a time: an old deed earns under its old rule.

    Raises:
        NoEarningRule: None was.
    """
    for rule in rules[activity]:
        if rule.effective_from <= at:
            return rule
    raise NoEarningRule(community_code=activity[0], activity=activity[1])


def worth_of(rule: EarningRule) -> Worth:
    """Return how a rule counts what is done."""
    return Worth(rule.formula, rule.points, rule.per_quantity, rule.points_max_per_deed, tuple(rule.evidence_required))


def caps_of(rule: EarningRule) -> list[Cap]:
    """Return the caps that a rule has itself: for one resident, of this activity in this community."""
    most = {
        Period.DAY: rule.points_max_per_day,
        Period.MONTH: rule.points_max_per_month,
        Period.LIFE: rule.points_max_in_life,
    }
    return [
        Cap(rule.community_code, Direction.EARN, rule.activity, period, points_max)
        for period, points_max in most.items()
        if points_max is not None
    ]


async def pending_in(
    session: AsyncSession, community_code: str, resident_id: uuid.UUID | None
) -> Sequence[PendingDeed]:
    """Return the deeds of a community that wait to be verified, the oldest first: all of them, or one resident's."""
    found = select(PendingDeed).where(PendingDeed.community_code == community_code, PendingDeed.verified_by.is_(None))
    if resident_id:
        found = found.where(PendingDeed.resident_id == resident_id)
    return (
        await session.scalars(found.order_by(PendingDeed.registered_at, PendingDeed.reference).limit(PENDING_MAX))
    ).all()
