"""Reads of earning rules."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.rules import NoEarningRule
from services.points.earning.tables import EarningRule


async def rule_at(session: AsyncSession, community_code: str, activity: str, at: datetime) -> EarningRule:
    """Return the rule that was in force for an activity at a time: an old deed earns under its old rule.

    Raises:
        NoEarningRule: None was.
    """
    rule = await session.scalar(
        select(EarningRule)
        .where(
            EarningRule.community_code == community_code,
            EarningRule.activity == activity,
            EarningRule.effective_from <= at,
        )
        .order_by(EarningRule.effective_from.desc(), EarningRule.version.desc())
        .limit(1)
    )
    if rule is None:
        raise NoEarningRule(community_code=community_code, activity=activity)
    return rule
