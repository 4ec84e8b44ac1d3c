"""Hours are pledged, earned and spent for help, corrected with both sides, and capped at 1,500 a person."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.points.communities.consumers import note_community
from services.points.families.tables import FamilyBond
from services.points.timebank.consumers import pledge, post_hours, release_pledge
from services.points.timebank.rules import CAP_QUARTERS, Part, split, taken_from
from services.points.timebank.tables import HelpPosting
from shared.database import Database
from shared.events.operations import CommunityRegistered
from shared.events.points import HelpPledged, HoursPosted
from shared.events.scenarios import HelpAgreed, HelpCancelled, HelpConfirmed
from tests.points.book import DONGJIANG, NOW, QINGBO, broken, freeze, grant
from tests.told import told

CROWD = 32
GIVER, PAYER, OTHER = (uuid.uuid4() for _ in range(3))
UNTIL = datetime.now(UTC) + timedelta(days=14)
HELD = text("""
    SELECT coalesce(sum(balance), 0) FROM account WHERE owner = :owner AND asset_class = 'hours'
""")
POOLED = text("""
    SELECT coalesce(sum(e.amount), 0) FROM entry e JOIN account a USING (community_code, account_id)
    WHERE a.kind = 'pool' AND a.asset_class = 'hours'
""")


async def held(points: Database, who: uuid.UUID) -> int:
    async with points.transaction() as session:
        return int(await session.scalar(HELD, {"owner": f"resident:{who}"}) or 0)


async def pooled(points: Database) -> int:
    async with points.transaction() as session:
        return int(await session.scalar(POOLED) or 0)


async def sound(points: Database) -> bool:
    async with points.transaction() as session:
        return await broken(session) == []


async def agree(points: Database, visit: uuid.UUID, quarters: int, *, receiver: uuid.UUID = PAYER) -> str | None:
    """Have hours pledged; the reason if they are not."""
    event = HelpAgreed(
        community_code=QINGBO,
        visit_id=visit,
        giver_id=GIVER,
        receiver_id=receiver,
        payer_id=PAYER,
        quarters=quarters,
        pledged_until=UNTIL,
    )
    async with points.transaction() as session:
        await pledge(session, event)
    last = (await told(points, HelpPledged.type))[-1]
    assert last["accepted"] == (last["reason"] is None)
    return str(last["reason"]) if last["reason"] else None


async def confirm(
    points: Database,
    visit: uuid.UUID,
    quarters: int,
    revision: int = 0,
    *,
    giver: uuid.UUID = GIVER,
    payer: uuid.UUID | None = PAYER,
) -> None:
    event = HelpConfirmed(
        community_code=QINGBO, visit_id=visit, revision=revision, giver_id=giver, payer_id=payer, quarters=quarters
    )
    async with points.transaction() as session:
        await post_hours(session, event)


async def last_posted(points: Database) -> dict[str, object]:
    return (await told(points, HoursPosted.type))[-1]


@pytest.fixture
async def bank(points: Database) -> Database:
    """A community whose payer has 10 hours."""
    async with points.transaction() as session:
        for code, name in ((QINGBO, "清波门社区"), (DONGJIANG, "东江社区")):
            await note_community(session, CommunityRegistered(community_code=code, name=name))
        await grant(session, PAYER, 40, asset_class="hours")
    return points


@pytest.mark.proves("P37")
async def test_help_is_pledged_earned_and_spent_by_the_quarter_hour(bank: Database) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    assert await agree(bank, first, 8) is None
    assert await agree(bank, first, 8) is None  # told again
    assert await agree(bank, second, 33) == "not-enough-points"
    await confirm(bank, first, 7)
    assert (await held(bank, GIVER), await held(bank, PAYER), await pooled(bank)) == (7, 33, 7)
    await confirm(bank, first, 7)  # told again
    assert (await held(bank, GIVER), await held(bank, PAYER)) == (7, 33)
    assert await agree(bank, second, 33) is None  # what was not used of the pledge is free
    cancelled = HelpCancelled(community_code=QINGBO, visit_id=second, giver_id=GIVER, payer_id=PAYER)
    for _ in range(2):
        async with bank.transaction() as session:
            await release_pledge(session, cancelled)
    assert await agree(bank, uuid.uuid4(), 33) is None
    assert await sound(bank)


@pytest.mark.proves("P37")
async def test_corrections_take_back_and_add_on_both_sides(bank: Database) -> None:
    visit = uuid.uuid4()
    await agree(bank, visit, 8)
    for revision, quarters in enumerate((6, 8, 3, 0, 4)):
        await confirm(bank, visit, quarters, revision)
        assert (await last_posted(bank))["accepted"]
        assert (await held(bank, GIVER), await held(bank, PAYER), await pooled(bank)) == (
            quarters, 40 - quarters, quarters,
        )  # fmt: skip
    assert await sound(bank)
    async with bank.transaction() as session:  # the giver spends what is then to be taken back
        await grant(session, OTHER, 1, asset_class="hours")
    await confirm(bank, uuid.uuid4(), 4, payer=GIVER, giver=OTHER)
    await confirm(bank, visit, 0, 5)
    refused = await last_posted(bank)
    assert (refused["accepted"], refused["reason"], refused["revision"]) == (False, "not-enough-points", 5)
    assert (await held(bank, GIVER), await held(bank, PAYER)) == (0, 36)
    await confirm(bank, visit, 100, 6)
    assert (await last_posted(bank))["reason"] == "not-enough-points"
    assert await sound(bank)


@pytest.mark.proves("P37")
async def test_what_is_past_1500_hours_is_donated_and_comes_back_with_a_correction(bank: Database) -> None:
    async with bank.transaction() as session:
        await grant(session, GIVER, CAP_QUARTERS - 10, asset_class="hours")
        await grant(session, GIVER, 7, asset_class="hours", community_code=DONGJIANG)
    visit = uuid.uuid4()
    await confirm(bank, visit, 8)
    assert (await last_posted(bank))["donated_quarters"] == 5
    assert (await held(bank, GIVER), await pooled(bank)) == (CAP_QUARTERS, 8 + 5)
    await confirm(bank, visit, 1, 1)
    assert (await held(bank, GIVER), await held(bank, PAYER), await pooled(bank)) == (CAP_QUARTERS - 2, 39, 1)
    async with bank.transaction() as session:
        row = await session.get_one(HelpPosting, (QINGBO, visit, 0))
        assert (row.quarters, row.taken_back, row.donated) == (8, 7, 0)
    assert await sound(bank)


async def test_of_32_visits_at_once_none_takes_the_giver_past_the_cap(bank: Database) -> None:
    async with bank.transaction() as session:
        await grant(session, GIVER, CAP_QUARTERS - 20, asset_class="hours")
    await asyncio.gather(*(confirm(bank, uuid.uuid4(), 2, payer=None) for _ in range(CROWD)))
    assert (await held(bank, GIVER), await pooled(bank)) == (CAP_QUARTERS, 2 * CROWD - 20)
    assert await sound(bank)


async def test_of_32_pledges_at_once_no_more_than_the_payer_has_are_accepted(bank: Database) -> None:
    async def one() -> None:
        event = HelpAgreed(
            community_code=QINGBO,
            visit_id=uuid.uuid4(),
            giver_id=GIVER,
            receiver_id=PAYER,
            payer_id=PAYER,
            quarters=4,
            pledged_until=UNTIL,
        )
        async with bank.transaction() as session:
            await pledge(session, event)

    await asyncio.gather(*(one() for _ in range(CROWD)))
    answers = await told(bank, HelpPledged.type)
    assert [answer["accepted"] for answer in answers].count(True) == 10
    assert len(answers) == CROWD


@pytest.mark.proves("P37")
async def test_hours_pay_for_help_of_a_spouse_or_direct_relative_and_of_nobody_else(bank: Database) -> None:
    assert await agree(bank, uuid.uuid4(), 4, receiver=OTHER) == "family-bond-unseen"
    async with bank.transaction() as session:
        bond = FamilyBond(
            community_code=DONGJIANG,
            inviter_id=OTHER,
            relation="spouse",
            code_hash="-",
            invited_at=NOW,
            invitee_id=PAYER,
            consented_at=NOW,
        )
        session.add(bond)
    assert await agree(bank, uuid.uuid4(), 4, receiver=OTHER) == "family-bond-unseen"  # not attested yet
    async with bank.transaction() as session:
        bond = await session.get_one(FamilyBond, (DONGJIANG, bond.bond_id))
        bond.document, bond.attested_at, bond.attested_by = "结婚证", NOW, "staff:desk"
    assert await agree(bank, uuid.uuid4(), 4, receiver=OTHER) is None


async def test_hours_of_a_frozen_resident_are_not_pledged(bank: Database) -> None:
    async with bank.transaction() as session:
        await freeze(session, f"resident:{PAYER}")
    assert await agree(bank, uuid.uuid4(), 4) == "frozen"
    assert await held(bank, PAYER) == 40


def test_what_is_taken_back_comes_from_the_latest_posting_first() -> None:
    first, second = Part(0, 6, 0), Part(1, 2, 0)
    assert taken_from([first, second], 3) == [(second, 2), (first, 1)]
    assert taken_from([first, second], 2) == [(second, 2)]
    assert taken_from([Part(0, 0, 0), first], 1) == [(first, 1)]


@pytest.mark.parametrize(
    ("balance", "quarters", "parts"),
    [(0, 8, (8, 0)), (5_995, 8, (5, 3)), (6_000, 8, (0, 8)), (6_100, 8, (0, 8)), (5_992, 8, (8, 0))],
)
def test_a_credit_is_kept_up_to_1500_hours(balance: int, quarters: int, parts: tuple[int, int]) -> None:
    assert split(balance, quarters) == parts
