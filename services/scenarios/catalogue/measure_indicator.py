"""Note what an indicator amounts to."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.catalogue.queries import find_indicator
from services.scenarios.catalogue.tables import IndicatorMeasure
from services.scenarios.communities.queries import require_registered
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class MeasureIndicator:
    """An amount in the indicator's whole units, on a day, with its evidence."""

    community_code: str
    no: int
    amount: int
    measured_on: date
    evidence: dict[str, Any]
    by: Identity


async def measure_indicator(session: AsyncSession, command: MeasureIndicator) -> IndicatorMeasure:
    """Add a measurement; the latest day counts, and of two on a day the later entry.

    Raises:
        OutOfScope: The caller is neither the operator nor an official of the community.
        IndicatorUnseen: There is no such indicator.
        CommunityUnknown: The community does not take part.
    """
    command.by.require(command.community_code, "operator", "official")
    find_indicator(command.no)
    await require_registered(session, command.community_code)
    measure = IndicatorMeasure(
        community_code=command.community_code,
        no=command.no,
        amount=command.amount,
        measured_on=command.measured_on,
        evidence=command.evidence,
        published_by=command.by.subject,
    )
    session.add(measure)
    await session.flush()
    return measure
