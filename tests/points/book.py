"""A points database in the hands of a test: its transactions, and residents who hold points."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.freeze_account import freeze_account
from services.points.ledger.post import post
from services.points.ledger.queries import check_integrity
from services.points.ledger.rules import (
    ISSUER,
    AssetClass,
    NewLot,
    Posted,
    PostTransfer,
    TransferKind,
    resident,
)
from services.points.limits.tables import Budget
from shared.errors import unless_refused
from shared.identity import Identity
from tests.ground import ServiceClient, identity

QINGBO, DONGJIANG = "330102001051", "330281002015"
OFFICIAL = identity("staff:wang", ("official", "33"))
CHECKER = identity("staff:checker", ("official", "33"))
TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
EXPIRES = date(2028, 6, 30)


def granting(
    resident_id: uuid.UUID,
    points: int,
    *,
    community_code: str = QINGBO,
    asset_class: AssetClass = AssetClass.SERVICE,
    expires_on: date = EXPIRES,
) -> PostTransfer:
    """Describe a grant of points."""
    return PostTransfer(
        community_code,
        asset_class,
        TransferKind.EARN,
        uuid.uuid4().hex,
        ((ISSUER, -points), (resident(resident_id), points)),
        NewLot("volunteering", expires_on),
    )


async def grant(session: AsyncSession, resident_id: uuid.UUID, points: int, **facts: object) -> None:
    """Give a resident points."""
    await post_linked(session, granting(resident_id, points, **facts))  # type: ignore[arg-type]


async def allow(
    session: AsyncSession, *codes: str, points: int = 10**9, years: Iterable[int] = range(2025, 2036)
) -> None:
    """Give communities a budget for each year of these tests."""
    for code in codes or (QINGBO,):
        for year in years:
            session.add(Budget(community_code=code, year=year, points=points))
    await session.flush()


async def freeze(session: AsyncSession, who: str) -> None:
    """Freeze a resident or merchant, as an official does by hand."""
    await freeze_account(session, who, "33", "a test", "staff:wang", now=NOW)


async def agree(api: ServiceClient, content: dict[str, object], *, by: Identity = OFFICIAL) -> None:
    """Have something proposed by one person and accepted by another."""
    proposed = await api.post("/proposals", by, content)
    assert proposed.status_code == 201, proposed.text
    decided = await api.post(f"/proposals/{proposed.json()['id']}/decision", CHECKER, {"accept": True})
    assert decided.status_code == 200, decided.text


async def post_linked(session: AsyncSession, *commands: PostTransfer) -> list[Posted]:
    """Post transfers together, all or none; raises their refusal."""
    [outcome] = await post(session, [commands], now=NOW)
    return unless_refused(outcome)


async def broken(session: AsyncSession) -> list[str]:
    """Name the invariants that do not hold."""
    return [finding.invariant for finding in await check_integrity(session) if finding.broken]
