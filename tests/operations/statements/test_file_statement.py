"""Filing operating statements."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.statements.file_statement import Statement, file_statement
from services.operations.statements.queries import get
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, NOW, RESIDENT, YUYAO_OFFICIAL, take_part


def statement(cost_fen: int = 100, community_code: str = DONGJIANG) -> Statement:
    return Statement(
        community_code=community_code,
        year=2025,
        project_type="improvement",
        tier="basic",
        households=1_500,
        costs={"staff": cost_fen},
        income={"rent": 7},
        subsidy_fen=0,
        in_kind_fen=0,
        reserve_fen=0,
        volumes={},
        filed_at=NOW,
        filed_by="staff:wu",
    )


async def test_a_correction_is_a_later_revision_and_the_first_stays(database: Database) -> None:
    await take_part(database, DONGJIANG)
    for cost_fen in (100, 200):
        async with database.transaction() as session:
            await file_statement(session, statement(cost_fen))
    async with database.transaction() as session:
        assert (await get(session, DONGJIANG, 2025)).cost_fen == 200
        assert await session.scalar(text("SELECT count(*) FROM operating_statement")) == 2
    for change in ("UPDATE operating_statement SET cost_fen = 1", "DELETE FROM operating_statement"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as session:
                await session.execute(text(change))


async def test_32_who_file_at_once_get_32_revisions(database: Database) -> None:
    await take_part(database, DONGJIANG)

    async def filing(cost_fen: int) -> int:
        async with database.transaction() as session:
            return (await file_statement(session, statement(cost_fen))).revision

    assert sorted(await asyncio.gather(*(filing(n + 1) for n in range(32)))) == list(range(1, 33))


async def test_a_statement_takes_a_community_that_takes_part(database: Database) -> None:
    with pytest.raises(CommunityNotRegistered):
        async with database.transaction() as session:
            await file_statement(session, statement(community_code=JINFENG))


BODY = {
    "community_code": DONGJIANG,
    "year": 2025,
    "project_type": "improvement",
    "tier": "basic",
    "costs": {"staff": 100},
}


async def test_a_statement_is_filed_by_operators_and_officials_and_seen_with_its_sums(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    operator = identity("staff:wu", ("operator", "330281"))
    assert (await api.post("/operating-statements", operator, BODY)).json()["cost_fen"] == 100
    assert (await api.post("/operating-statements", RESIDENT, BODY)).status_code == 403
    auditor = identity("staff:sun", ("auditor", "330281"))
    assert (await api.get(f"/operating-statements/{DONGJIANG}/2025", auditor)).json()["households"] is None


@pytest.mark.parametrize(
    "change", [{"costs": {}}, {"costs": {"staff": 0}}, {"costs": {"bribes": 1}}, {"tier": "best"}, {"households": 0}]
)
async def test_a_malformed_statement_is_refused(api: ServiceClient, change: dict[str, object]) -> None:
    assert (await api.post("/operating-statements", YUYAO_OFFICIAL, {**BODY, **change})).status_code == 422
