"""Statements: every entry with the balance after it, in both orders; the balance at any time; all by index alone."""

import asyncio
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.points.ledger.post import post
from services.points.ledger.rules import (
    ISSUER,
    AssetClass,
    BookAccount,
    PostTransfer,
    TransferKind,
    merchant,
    resident,
)
from services.points.proof.tables import Seal
from services.points.statements import queries
from services.points.statements.fold import fold
from services.points.statements.queries import StatementEntry, balance_at, entries_of
from services.points.statements.rules import AFTER_ALL, BEFORE_ALL, id_after
from shared.database import Database, SetStatement
from shared.pagination import encode_cursor
from tests.ground import StartApi, identity
from tests.points.book import NOW, QINGBO, broken, granting
from tests.points.ledger.oracle import told

RESIDENT, SHOP = uuid.uuid4(), uuid.uuid4()
WALLET = (QINGBO, AssetClass.SERVICE, resident(RESIDENT))
TILL = (QINGBO, AssetClass.SERVICE, merchant(SHOP))


def spending(points: int, occurred_at: datetime | None = None) -> PostTransfer:
    amounts = ((resident(RESIDENT), -points), (merchant(SHOP), points))
    kind = TransferKind.REDEEM
    return PostTransfer(QINGBO, AssetClass.SERVICE, kind, uuid.uuid4().hex, amounts, occurred_at=occurred_at)


async def history(points: Database) -> list[tuple[datetime, dict[BookAccount, int]]]:
    """Post 120 purchases; return, for each moment between, what plain addition says was in the accounts."""
    dice, known = random.Random(5), {WALLET: 0, TILL: 0, (QINGBO, AssetClass.SERVICE, ISSUER): 0}  # noqa: S311
    moments = []
    for turn in range(60):
        batch = [granting(RESIDENT, 50)] if turn % 6 == 0 else [spending(dice.randint(1, 5)) for _ in range(2)]
        async with points.transaction() as session:
            outcomes = await post(session, [[command] for command in batch], now=NOW)
        for command, outcome in zip(batch, outcomes, strict=True):
            assert isinstance(outcome, list)
            for name, amount in command.amounts:
                known[command.account(name)] += amount
            [kept] = [balance for balance in outcome[0].balances if balance is not None]
            assert kept == known[WALLET], "each answer tells the balance after it"
        async with points.transaction() as session:
            moments.append((await session.scalar(text("SELECT clock_timestamp()")), dict(known)))
            await session.execute(text("SELECT pg_sleep(0.002)"))
    return [(moment, balances) for moment, balances in moments if moment]


@pytest.mark.proves("P12")
async def test_the_balance_at_any_past_moment_is_what_plain_addition_says_also_of_accounts_that_keep_none(
    points: Database,
) -> None:
    moments = await history(points)
    for folds in range(2):
        async with points.transaction() as session:
            for moment, balances in moments:
                assert {account: await balance_at(session, account, moment) for account in balances} == balances
            assert await balance_at(session, WALLET, moments[0][0] - timedelta(hours=1)) == 0
        async with points.transaction() as session:
            await fold(session, entries_between=7)
            assert (await session.scalar(text("SELECT count(*) FROM fold")) or 0) > 10 * (1 - folds)
    async with points.transaction() as session:
        session.add(_seal(moments[30][0]))
    before, after = (moments[30][0] + timedelta(seconds=n) for n in (0, 1))
    async with points.transaction() as session:
        outcomes = await post(session, [[spending(1, before)], [spending(1, after)]], now=NOW)
        assert [told(outcome)[0] for outcome in outcomes] == ["period-sealed", "posted"]
    async with points.transaction() as session:
        assert await balance_at(session, WALLET, moments[-1][0]) == moments[-1][1][WALLET]
        assert await session.scalar(text("SELECT occurred_at FROM transfer WHERE occurred_at IS NOT NULL")) == after


def _seal(up_to: datetime) -> Seal:
    whole = bytes(32)
    numbers = {"number": 1, "below_xid": 1, "first": 1, "count": 1}
    proof = {"previous": whole, "head": whole, "root": whole, "signature": b""}
    return Seal(community_code=QINGBO, up_to=up_to, sealed_at=up_to, **numbers, **proof)


async def test_a_fold_leaves_out_what_may_still_be_preceded(points: Database) -> None:
    """An id that was made in a transaction under way belongs before ids that are committed already."""
    async with points.transaction() as slow:
        await slow.execute(text("SELECT 1"))
        async with points.transaction() as session:
            await post(session, [[granting(RESIDENT, 50)], *([spending(1)] for _ in range(30))], now=NOW)
        async with points.transaction() as session:
            await fold(session, entries_between=1)
            assert await session.scalar(text("SELECT count(*) FROM fold")) == 0
    async with points.transaction() as session:
        await session.execute(text("SELECT pg_sleep(0.002)"))
    async with points.transaction() as session:
        await fold(session, entries_between=1)
        assert await session.scalar(text("SELECT count(*) FROM fold")) == 31


async def test_a_fold_counts_what_is_committed_while_it_looks_who_is_under_way(points: Database) -> None:
    """The look comes late here, as it may: in a view of the same name that first takes its time."""
    slow_look = """
        CREATE TEMP VIEW pg_stat_activity AS SELECT seen.* FROM (SELECT pg_sleep(0.5) AS over OFFSET 0) AS look
        CROSS JOIN LATERAL (SELECT * FROM pg_catalog.pg_stat_activity WHERE look.over IS NOT NULL OFFSET 0) AS seen
    """

    async def fold_slowly() -> None:
        async with points.transaction() as session:
            await session.execute(text(slow_look))
            await session.execute(text("SET LOCAL search_path = pg_temp, pg_catalog, public"))
            await fold(session, entries_between=1)

    async with points.transaction() as session:
        await post(session, [[granting(RESIDENT, 1)]], now=NOW)  # the issuer's account is there
    async with points.transaction() as late:
        await post(late, [[granting(uuid.uuid4(), 7)]], now=NOW)
        async with points.transaction() as session:
            await post(session, [[granting(RESIDENT, 1)] for _ in range(5)], now=NOW)
            await session.execute(text("SELECT pg_sleep(0.002)"))
        folding = asyncio.create_task(fold_slowly())
        await asyncio.sleep(0.25)
    await folding
    async with points.transaction() as session:
        assert await broken(session) == []
        assert await session.scalar(text("SELECT count(*) FROM fold")) == 7


@pytest.mark.proves("P14")
@pytest.mark.parametrize("newest_first", [True, False])
async def test_pages_of_any_size_show_each_entry_once_in_either_order(points: Database, *, newest_first: bool) -> None:
    await history(points)
    async with points.transaction() as session:
        everything = await entries_of(session, WALLET, beyond=None, newest_first=newest_first, most=1000)
        shown: list[StatementEntry] = []
        beyond = None
        while page := await entries_of(session, WALLET, beyond=beyond, newest_first=newest_first, most=7):
            shown += page
            beyond = page[-1].transfer_id, page[-1].leg
    assert shown == everything
    ordered = everything[::-1] if newest_first else everything
    balance = 0
    for entry in ordered:
        balance += entry.amount
        assert entry.balance_after == balance
    assert [entry.posted_at for entry in ordered] == sorted(entry.posted_at for entry in ordered)


LISTS = [
    (queries._NEWEST_FIRST, {"transfer_id": AFTER_ALL[0], "leg": AFTER_ALL[1], "most": 50}),
    (queries._OLDEST_FIRST, {"transfer_id": BEFORE_ALL[0], "leg": BEFORE_ALL[1], "most": 50}),
    (queries._KEPT, {"before": id_after(datetime(2100, 1, 1, tzinfo=UTC))}),
    (queries._SUMMED, {"before": id_after(datetime(2100, 1, 1, tzinfo=UTC))}),
]


def steps_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a plan that was carried out."""
    yield plan
    for below in plan.get("Plans", []):
        yield from steps_of(below)


@pytest.mark.proves("P14")
@pytest.mark.parametrize(("query", "bound"), LISTS, ids=["newest first", "oldest first", "kept", "summed"])
async def test_no_list_and_no_past_balance_scans_or_sorts_or_reads_more_than_it_shows(
    points: Database, query: object, bound: dict[str, object]
) -> None:
    """With so many rows that the planner would not scan for want of them: an account has 1,000, a page 50."""
    people, others = [uuid.uuid4() for _ in range(10)], [uuid.uuid4() for _ in range(1000)]
    for crowd in [others, *[people * 100] * 10]:
        async with points.transaction() as session:
            await post(session, [[granting(who, 1)] for who in crowd], now=NOW)
    async with points.transaction() as session:
        await fold(session, entries_between=10)
    owner = Database(
        points.engine.url.set(username="linli_points_owner").render_as_string(hide_password=False), name="a"
    )
    async with owner.transaction() as session:
        await session.execute(text("ANALYZE"))
    await owner.close()
    async with points.transaction() as session:
        largest = text("SELECT account_id FROM account WHERE kind = :kind ORDER BY balance DESC LIMIT 1")
        kind = "issuer" if query is queries._SUMMED else "resident"
        account_id = await session.scalar(largest, {"kind": kind})
        given = {"code": QINGBO, "account_id": account_id, **bound}
        statement = SetStatement(str(query))  # the plan that the service uses: one for all values
        connection = await session.connection()
        await connection.exec_driver_sql(f"PREPARE listed AS {statement._sql}")
        values = ", ".join(f"'{given[name]}'" for name in statement._names)
        rows = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE listed({values})")
        steps = list(steps_of(rows.scalar_one()[0]["Plan"]))
    kinds = {step["Node Type"] for step in steps}
    assert kinds & {"Index Scan", "Index Only Scan"}
    assert not kinds & {"Seq Scan", "Bitmap Heap Scan", "Sort", "Hash Join"}, steps
    assert max(step["Actual Rows"] * step["Actual Loops"] for step in steps) <= 50
    assert not [step for step in steps if step.get("Rows Removed by Filter", 0)], steps


async def test_a_resident_reads_its_own_statement_and_balance(start_api: StartApi) -> None:
    api = await start_api("points")
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await post(session, [[granting(RESIDENT, 50)], [spending(20)], [spending(5)]], now=NOW)
    await database.close()
    who = identity(f"resident:{RESIDENT}", ("resident", QINGBO))
    newest = (await api.get("/accounts/me/entries", who, page_size=2)).json()
    assert [(one["amount"], one["balance_after"], one["kind"]) for one in newest["items"]] == [
        (-5, 25, "redeem"),
        (-20, 30, "redeem"),
    ]
    rest = (await api.get("/accounts/me/entries", who, page_size=2, cursor=newest["next_cursor"])).json()
    assert ([one["amount"] for one in rest["items"]], rest["next_cursor"]) == ([50], None)
    oldest = (await api.get("/accounts/me/entries", who, order="oldest")).json()["items"]
    assert [one["amount"] for one in oldest] == [50, -20, -5]
    now = {"at": datetime.now(UTC).isoformat()}
    assert (await api.get("/accounts/me/balance", who, **now)).json()["balance"] == 25
    stranger = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
    assert (await api.get("/accounts/me/entries", stranger)).json() == {"items": [], "next_cursor": None}
    assert (await api.get("/accounts/me/entries", identity("staff:x", ("desk", QINGBO)))).status_code == 403
    for cursor in ("x", "WyJ4IiwgMV0", *(encode_cursor(str(uuid.uuid4()), leg) for leg in (-1, 32_768, 2**63))):
        assert (await api.get("/accounts/me/entries", who, cursor=cursor)).status_code == 422
