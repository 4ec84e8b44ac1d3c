"""Agree to a proposed conversion rule, which is in force from now on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.conversions.rules import ConversionUnseen, OwnConversionRule
from services.points.conversions.tables import ConversionRule


@dataclass(frozen=True, slots=True)
class AgreeRule:
    """Who agrees to which version."""

    community_code: str
    version: int
    by: str
    now: datetime


async def agree_rule(session: AsyncSession, command: AgreeRule) -> ConversionRule:
    """Agree; the latest version that is agreed to counts.

    Raises:
        ConversionUnseen: No such version waits.
        OwnConversionRule: Who agrees proposed it.
    """
    key = (command.community_code, command.version)
    rule = await session.get(ConversionRule, key, with_for_update=True, populate_existing=True)
    if rule is None or rule.agreed_at:
        raise ConversionUnseen(community_code=command.community_code, version=command.version)
    if rule.proposed_by == command.by:
        raise OwnConversionRule
    rule.agreed_by, rule.agreed_at = command.by, command.now
    await session.flush()
    return rule
