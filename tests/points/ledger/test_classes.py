"""What each class of points is for is held twice: by the code, and by the schema against the service itself."""

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.points.ledger.post import post
from services.points.ledger.rules import (
    DISCOUNT,
    ISSUER,
    POOL,
    AccountName,
    AssetClass,
    NotSpendable,
    PostTransfer,
    TransferKind,
    clearing,
    hold_of,
    merchant,
    resident,
)
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO, grant

RESIDENT, OTHER, SHOP = uuid.uuid4(), uuid.uuid4(), merchant(uuid.uuid4())
BASIC, HOURS, SERVICE = AssetClass.BASIC, AssetClass.HOURS, AssetClass.SERVICE
KINDS = [kind for kind in TransferKind if kind not in {TransferKind.HOLD, TransferKind.RELEASE, TransferKind.REVERSE}]

# What the service's own role could write if no rule stood before it: a transfer with two entries, each with its lot.
_RAW = text("""
    WITH t AS (
        INSERT INTO transfer (community_code, kind, reference, asset_class) VALUES (:code, :kind, :reference, :class)
        RETURNING transfer_id
    )
    INSERT INTO entry (community_code, account_id, transfer_id, leg, asset_class, lot_id, amount, balance_after)
    SELECT :code, a.account_id, t.transfer_id, leg, :class, l.lot_id, amount, l.remaining
    FROM t, (VALUES (0, CAST(:giver AS text), CAST(-1 AS bigint)), (1, CAST(:taker AS text), 1))
        AS legs (leg, owner, amount)
    JOIN account a ON a.community_code = :code AND a.asset_class = :account_class AND a.owner = legs.owner
    LEFT JOIN lot l ON l.community_code = a.community_code AND l.account_id = a.account_id
""")


async def holders(points: Database) -> None:
    """Let two residents hold points of each class, and a shop and others have accounts of service points."""
    async with points.transaction() as session:
        for who in (RESIDENT, OTHER):
            for asset_class in AssetClass:
                await grant(session, who, 10, asset_class=asset_class)
        for name in (SHOP, clearing(DONGJIANG), DISCOUNT, POOL):
            paid = ((resident(RESIDENT), -1), (name, 1))
            await post(session, [[PostTransfer(QINGBO, SERVICE, TransferKind.REDEEM, name.owner, paid)]], now=NOW)


async def raw(
    points: Database, kind: str, giver: AccountName, taker: AccountName, classes: tuple[AssetClass, AssetClass]
) -> None:
    names = {"giver": giver.owner, "taker": taker.owner, "class": classes[0], "account_class": classes[1]}
    async with points.transaction() as session:
        await session.execute(_RAW, {"code": QINGBO, "kind": kind, "reference": uuid.uuid4().hex, **names})


@pytest.mark.proves("P7")
async def test_basic_points_and_hours_are_refused_by_the_code_and_without_it_by_the_schema(points: Database) -> None:
    """Basic: never spent, moved, exchanged or converted, by nobody. Hours: for hours, never for goods or money."""
    await holders(points)
    takers = (resident(OTHER), SHOP, clearing(DONGJIANG), DISCOUNT, POOL, ISSUER)
    never = [(BASIC, kind, taker) for kind in KINDS for taker in takers]
    never += [(HOURS, kind, taker) for kind in KINDS for taker in (SHOP, clearing(DONGJIANG), DISCOUNT)]
    never += [(HOURS, TransferKind.REDEEM, taker) for taker in takers]
    for asset_class, kind, taker in never:
        amounts = ((resident(RESIDENT), -1), (taker, 1))
        async with points.transaction() as session:
            command = PostTransfer(QINGBO, asset_class, kind, uuid.uuid4().hex, amounts)
            [outcome] = await post(session, [[command]], now=NOW)
            assert isinstance(outcome, NotSpendable), (asset_class, kind, taker)
    for asset_class, kind, taker in never:
        if taker in (resident(OTHER), ISSUER):  # they have accounts of this class, so that the movement itself is held
            with pytest.raises(DBAPIError, match=r"basic_stays|hours_for_hours"):
                await raw(points, kind, resident(RESIDENT), taker, (asset_class, asset_class))
        with pytest.raises(DBAPIError, match=r"of one book|basic_stays|hours_for_hours"):
            await raw(points, kind, resident(RESIDENT), taker, (asset_class, SERVICE))
    async with points.transaction() as session:
        basic = (QINGBO, BASIC, resident(RESIDENT))
        [outcome] = await post(session, [[hold_of(basic, "h", 1, NOW.replace(year=2027))]], now=NOW)
        assert isinstance(outcome, NotSpendable)


@pytest.mark.parametrize(
    ("statement", "held_by"),
    [
        (
            "INSERT INTO account (community_code, asset_class, owner, kind) VALUES ('1', 'basic', 'm', 'merchant')",
            "basic_stays",
        ),
        (
            "INSERT INTO account (community_code, asset_class, owner, kind) VALUES ('1', 'hours', 'm', 'merchant')",
            "hours_for_hours",
        ),
        (
            "INSERT INTO account (community_code, asset_class, owner, kind) VALUES ('1', 'cash', 'm', 'merchant')",
            "class_known",
        ),
        (
            """INSERT INTO hold (community_code, reference, account_id, asset_class, amount, expires_at)
            SELECT community_code, 'h', account_id, asset_class, 1, now() FROM account
            WHERE asset_class = 'basic' AND kind = 'resident' LIMIT 1""",
            "basic_stays",
        ),
        ("UPDATE account SET asset_class = 'service'", "permission denied"),
        ("UPDATE account SET kind = 'merchant'", "permission denied"),
        ("ALTER TABLE account DROP CONSTRAINT ck_account_basic_stays", "must be owner"),
        ("ALTER TABLE entry DISABLE TRIGGER entries_balance", "must be owner"),
    ],
)
async def test_the_service_cannot_write_itself_a_way_around(points: Database, statement: str, held_by: str) -> None:
    await holders(points)
    with pytest.raises(DBAPIError, match=held_by):
        async with points.transaction() as session:
            await session.execute(text(statement))


async def test_hours_are_given_for_hours(points: Database) -> None:
    await holders(points)
    amounts = ((resident(RESIDENT), -4), (resident(OTHER), 4))
    async with points.transaction() as session:
        [outcome] = await post(session, [[PostTransfer(QINGBO, HOURS, TransferKind.GIVE, "help", amounts)]], now=NOW)
        assert isinstance(outcome, list)
        assert outcome[0].balances == (6, 14)
