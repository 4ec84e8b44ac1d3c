"""A points database in the hands of a test: its transactions, and residents who hold points."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import asyncpg
import httpx
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
from shared.clock import CHINA
from shared.errors import unless_refused
from shared.identity import Identity
from tests.ground import ServiceClient, identity

QINGBO, DONGJIANG = "330102001051", "330281002015"
NAMES = {QINGBO: "清波门社区", DONGJIANG: "东江社区"}
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


async def take_part(api: ServiceClient, *codes: str, shops: Mapping[uuid.UUID, str] | None = None) -> None:
    """Have communities take part, and shops in them, as the directory tells of both."""
    admin = await asyncpg.connect(api.database.admin)
    await admin.executemany("INSERT INTO community VALUES ($1, $2)", [(code, NAMES[code]) for code in codes])
    shop = "INSERT INTO merchant (merchant_id, community_code, name) VALUES ($1, $2, '便利店')"
    await admin.executemany(shop, (shops or {}).items())
    await admin.close()


async def open_corridor(api: ServiceClient) -> None:
    """Have both communities agree that points of the first are taken in the second, at a discount of 10 %."""
    corridor = {"from_community": QINGBO, "to_community": DONGJIANG}
    proposed = await api.post("/corridors", OFFICIAL, {**corridor, "discount_bp": 1000})
    assert proposed.status_code == 201, proposed.text
    agreed = await api.post("/corridors/agreements", CHECKER, {**corridor, "version": 1})
    assert agreed.status_code == 200, agreed.text


def budget_of(points: int) -> dict[str, object]:
    """Describe what a community may grant this year, in China: for `agree`."""
    return {"kind": "budget", "community_code": QINGBO, "year": datetime.now(CHINA).year, "points": points}


def award_of(points: int, resident_id: uuid.UUID) -> dict[str, object]:
    """Describe points for a resident that no rule gives: for `agree`."""
    award = {"kind": "grant", "community_code": QINGBO, "activity": "award", "reason": "年度最美邻里"}
    return {**award, "resident_id": str(resident_id), "points": points}


def kind(answer: httpx.Response) -> tuple[int, str]:
    """Return the status of a refusal, and its type without the address before it."""
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


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
