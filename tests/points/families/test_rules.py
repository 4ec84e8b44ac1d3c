"""Who is family."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.points.families.rules import (
    INVITATION_LASTS,
    MOST,
    Bond,
    BondStepRefused,
    RelatedAlready,
    Relation,
    check_new,
    is_over,
    require_state,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize("relation", MOST)
def test_there_is_a_place_for_each_relative_and_no_more(relation: Relation) -> None:
    bonds = [Bond(uuid.uuid4(), relation) for _ in range(MOST[relation])]
    check_new(bonds[1:], Bond(uuid.uuid4(), relation))
    with pytest.raises(RelatedAlready):
        check_new(bonds, Bond(uuid.uuid4(), relation))


def test_nobody_is_a_relative_twice() -> None:
    bond = Bond(uuid.uuid4(), "child")
    with pytest.raises(RelatedAlready):
        check_new([bond], Bond(bond.other, "parent"))


def test_an_invitation_waits_a_week() -> None:
    assert not is_over(NOON, NOON + INVITATION_LASTS - timedelta(microseconds=1))
    assert is_over(NOON, NOON + INVITATION_LASTS)


def test_only_the_bound_share() -> None:
    require_state("bound", "bound")
    for state in ("invited", "consented", "ended"):
        with pytest.raises(BondStepRefused):
            require_state(state, "bound")
