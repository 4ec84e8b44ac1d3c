"""What can be disputed, and what takes it back."""

import uuid

import pytest

from services.points.disputes.rules import Leg, concerned, disputable, gained, take_back
from services.points.ledger.rules import (
    DISCOUNT,
    ISSUER,
    POOL,
    AccountName,
    TransferKind,
    clearing,
    correspondent,
    merchant,
    resident,
)

HERE, THERE = "330102001051", "330281002015"
ONE, OTHER, SHOP = resident(uuid.uuid4()), resident(uuid.uuid4()), merchant(uuid.uuid4())


def legs(*amounts: tuple[AccountName, int], code: str = HERE) -> list[Leg]:
    return [Leg(code, name, still) for name, still in amounts]


ABROAD = legs((ONE, -10), (clearing(THERE), 9), (DISCOUNT, 1)) + legs((clearing(HERE), -9), (SHOP, 9), code=THERE)


@pytest.mark.parametrize(
    ("kind", "of", "can"),
    [
        (TransferKind.EARN, legs((ISSUER, -5), (ONE, 5)), True),
        (TransferKind.GIVE, legs((ONE, -5), (OTHER, 5)), True),
        (TransferKind.GIVE, legs((ONE, -5), (POOL, 5)), False),
        (TransferKind.REDEEM, legs((ONE, -5), (SHOP, 5)), True),
        (TransferKind.REDEEM, ABROAD, True),
        (TransferKind.REDEEM, legs((correspondent(THERE), -5), (SHOP, 5)), False),
        (TransferKind.REDEEM, legs((ONE, -5), (POOL, 5)), False),
        (TransferKind.SETTLE, legs((SHOP, -5), (ISSUER, 5)), False),
        (TransferKind.EXPIRE, legs((ONE, -5), (POOL, 5)), False),
    ],
)
def test_grants_shares_and_purchases_within_the_cell_are_disputable(
    kind: TransferKind, of: list[Leg], *, can: bool
) -> None:
    assert disputable(kind, of) is can


def test_who_is_concerned_and_where_the_points_are() -> None:
    assert concerned(ABROAD) == {ONE.owner, SHOP.owner}
    assert gained(ABROAD) is None
    shared = legs((ONE, -5), (OTHER, 5))
    assert gained(shared) == shared[1]


def test_taking_back_mirrors_what_still_stands_or_a_part_of_it() -> None:
    assert take_back(ABROAD) == {
        HERE: ((ONE, 10), (clearing(THERE), -9), (DISCOUNT, -1)),
        THERE: ((clearing(HERE), 9), (SHOP, -9)),
    }
    assert take_back(legs((ISSUER, -5), (ONE, 5)), 3) == {HERE: ((ISSUER, 3), (ONE, -3))}
    assert take_back(legs((ISSUER, 0), (ONE, 0))) == {}
