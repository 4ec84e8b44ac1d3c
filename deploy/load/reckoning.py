"""The reckoning: what a crowd's own books say, held against what stands in the platform's databases."""

from collections.abc import Mapping
from functools import partial

import asyncpg

from deploy.demo.callers import Caller
from deploy.demo.waiting import all_taken_in, read_flows, until
from deploy.load.crowd import Books


async def differences(books: Books, cast: Mapping[str, Caller], points_dsn: str) -> list[str]:
    """Return in words all that does not agree; nothing, when the platform kept its promises.

    Args:
        books: The crowd's, after all calls were answered.
        cast: The sandbox's callers.
        points_dsn: The points database, for a role that may read it.
    """
    found = [f"answered otherwise: {failure}" for failure in books.failures]
    connection = await asyncpg.connect(points_dsn)
    try:
        found += await _redemptions(books, connection)
        found += await _balances(books, connection)
    finally:
        await connection.close()
    official = cast["shangcheng-official"]
    book = await official.get("/v1/points/integrity")
    found += [f"{each['invariant']}: {each['broken']} broken" for each in book["findings"] if each["broken"]]
    flows = await until(partial(read_flows, official), all_taken_in, "all events")
    found += [f"{name}: {flow['dead_letters']} dead letters" for name, flow in flows.items() if flow["dead_letters"]]
    found += await _receivables(books, cast["yuyao-official"])
    return found


async def _redemptions(books: Books, connection: asyncpg.Connection) -> list[str]:
    """Each acknowledged redemption is there once, as it was answered, under its key; and there is no other."""
    residents = list(books.balances)
    rows = await connection.fetch(
        "SELECT redemption_id::text, quote_id::text, paid FROM redemption WHERE resident_id = ANY ($1::uuid[])",
        residents,
    )
    there = sorted(tuple(row) for row in rows)
    told = sorted((paid["id"], paid["quote_id"], paid["paid"]) for paid in books.redemptions.values())
    keys = await connection.fetch(
        "SELECT key FROM idempotency WHERE caller = ANY ($1::text[]) AND position($2::bytea IN body) > 0",
        [f"resident:{resident}" for resident in residents],
        b'"legs"',  # of all answers only a redemption's has them
    )
    found = []
    if there != told:
        found.append(f"{len(told)} redemptions were acknowledged, {len(there)} are there")
    if {row["key"] for row in keys} != books.redemptions.keys():
        found.append(f"{len(books.redemptions)} keys were answered, {len(keys)} are there")
    return found


async def _balances(books: Books, connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT owner, balance FROM account WHERE asset_class = 'service' AND owner = ANY ($1::text[])",
        [f"resident:{resident}" for resident in books.balances],
    )
    there = {row["owner"]: row["balance"] for row in rows}
    return [
        f"a resident holds {there.get(f'resident:{resident}', 0)}, by its own books {balance}"
        for resident, balance in books.balances.items()
        if there.get(f"resident:{resident}", 0) != balance
    ]


async def _receivables(books: Books, official: Caller) -> list[str]:
    found = []
    for merchant_id, points in books.owed.items():
        page = await official.get(f"/v1/operations/merchants/{merchant_id}/receivables")
        if page["total_points"] != points:
            found.append(f"a merchant is owed {page['total_points']}, was paid {points}")
    return found
