"""Publish an earning rule: a new version, in force from a time on."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.earning.rules import FORMULA, understood
from services.points.earning.tables import EarningRule
from services.points.ledger.rules import AssetClass


@dataclass(frozen=True, slots=True)
class PublishRule:
    """What an activity shall earn, and from when."""

    community_code: str
    activity: str
    asset_class: AssetClass
    points: int
    per_quantity: int
    points_max_per_deed: int
    valid_months: int
    effective_from: datetime
    published_by: str
    formula: str = FORMULA
    evidence_required: tuple[str, ...] = ()
    needs_verification: bool = False
    points_max_per_day: int | None = None
    points_max_per_month: int | None = None
    points_max_in_life: int | None = None


async def publish_rule(session: AsyncSession, command: PublishRule) -> EarningRule:
    """Publish a rule as the next version for its activity.

    Raises:
        FormulaInvalid: Its formula is none.
        CommunityUnknown: The community does not take part.
    """
    understood(command.formula, command.evidence_required)
    await require_communities(session, command.community_code)
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"earning rule {command.community_code} {command.activity}"},
    )
    latest = await session.scalar(
        select(func.max(EarningRule.version)).where(
            EarningRule.community_code == command.community_code, EarningRule.activity == command.activity
        )
    )
    rule = EarningRule(version=(latest or 0) + 1, **asdict(command))
    session.add(rule)
    await session.flush()
    return rule
