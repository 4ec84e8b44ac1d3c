"""Tenders: the gate of the list, conflicts of interest, sealed scores, the award."""

import asyncio
import uuid
from datetime import timedelta

import pytest

from services.operations.listings.decide import decide
from services.operations.providers.rules import LicenceMissing, ProviderIsDebarred
from services.operations.tenders.award import award
from services.operations.tenders.bid import Bid, bid
from services.operations.tenders.open_tender import Opening, open_tender
from services.operations.tenders.rules import (
    AlreadyDone,
    BallotInvalid,
    ConflictOfInterest,
    CriteriaInvalid,
    Standing,
    WrongPhase,
    check_criteria,
    commitment_of,
    ranked,
)
from services.operations.tenders.seal_ballot import declare_ballot, open_ballot, seal_ballot
from services.operations.tenders.tables import Tender
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import (
    DONGJIANG,
    MERCHANT_CODE,
    NOW,
    OPERATOR_CODE,
    OTHER_MERCHANT_CODE,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    debarment,
    enlist,
    register_over_http,
    take_part,
)

DEADLINE, AFTER = NOW + timedelta(days=7), NOW + timedelta(days=8)
CRITERIA = {"price": 4_000, "service": 6_000}
JURY = ("staff:a", "staff:b", "staff:c")


async def opened(database: Database, licences: tuple[str, ...] = ()) -> tuple[Tender, list[uuid.UUID]]:
    await take_part(database, DONGJIANG)
    bidders = [await enlist(database, code, "operator") for code in (OPERATOR_CODE, MERCHANT_CODE, OTHER_MERCHANT_CODE)]
    async with database.transaction() as session:
        asked = Opening(DONGJIANG, "老年食堂运营", "service", licences, 10**8, CRITERIA, DEADLINE, "staff:wang", NOW)
        return await open_tender(session, asked), bidders


async def try_to_bid(database: Database, tender: Tender, provider_id: uuid.UUID, price: int = 9 * 10**7) -> None:
    async with database.transaction() as session:
        await bid(session, tender, Bid(provider_id, price, "方案", by="staff:wang", now=NOW))


def scores_of(bidders: list[uuid.UUID], *points: int) -> dict[str, dict[str, int]]:
    return {str(one): {"price": 50, "service": given} for one, given in zip(bidders, points, strict=True)}


async def do(database: Database, verb: object, *arguments: object) -> object:
    async with database.transaction() as session:
        return await verb(session, *arguments)  # type: ignore[operator]


@pytest.mark.proves("O19")
async def test_listed_bidders_are_scored_under_seal_by_who_has_no_interest_and_the_best_that_may_is_awarded(
    database: Database,
) -> None:
    tender, bidders = await opened(database)
    async with database.transaction() as session:
        await decide(session, debarment(bidders[2]))
    with pytest.raises(ProviderIsDebarred):
        await try_to_bid(database, tender, bidders[2])
    running = bidders[:2]
    for provider_id in running:
        await try_to_bid(database, tender, provider_id)
    for evaluator in JURY:
        await do(database, declare_ballot, tender, evaluator, [], NOW)
    await do(database, declare_ballot, tender, "staff:d", [str(running[0])], NOW)
    given = {"staff:a": (80, 70), "staff:b": (60, 75), "staff:c": (90, 70)}
    sealed = {who: commitment_of(tender.id, who, scores_of(running, *points), who) for who, points in given.items()}
    with pytest.raises(WrongPhase):
        await do(database, seal_ballot, tender, "staff:a", sealed["staff:a"], NOW)  # bids are still taken
    for who in ("staff:d", "staff:e"):
        with pytest.raises(ConflictOfInterest):
            await do(database, seal_ballot, tender, who, "0" * 64, AFTER)
    for who in JURY[:2]:
        await do(database, seal_ballot, tender, who, sealed[who], AFTER)
    mine = (scores_of(running, *given["staff:a"]), "staff:a")
    with pytest.raises(WrongPhase):
        await do(database, open_ballot, tender, "staff:a", mine, AFTER)  # one has not sealed yet
    await do(database, seal_ballot, tender, "staff:c", sealed["staff:c"], AFTER)
    with pytest.raises(AlreadyDone):
        await do(database, seal_ballot, tender, "staff:c", sealed["staff:c"], AFTER)
    with pytest.raises(BallotInvalid):
        await do(database, open_ballot, tender, "staff:a", (scores_of(running, 100, 0), "staff:a"), AFTER)
    for who, points in given.items():
        with pytest.raises(WrongPhase):
            await do(database, award, tender, "staff:wang", AFTER)
        await do(database, open_ballot, tender, who, (scores_of(running, *points), who), AFTER)
    won = await do(database, award, tender, "staff:wang", AFTER)
    assert (won.provider_id, won.points) == (running[0], 3 * 50 * 4_000 + 230 * 6_000)  # type: ignore[attr-defined]
    with pytest.raises(AlreadyDone):
        await do(database, award, tender, "staff:wang", AFTER)


async def test_a_winner_that_was_debarred_meanwhile_is_not_awarded(database: Database) -> None:
    tender, bidders = await opened(database)
    await try_to_bid(database, tender, bidders[0])
    for who in JURY:
        await do(database, declare_ballot, tender, who, [], NOW)
        await do(
            database, seal_ballot, tender, who, commitment_of(tender.id, who, scores_of(bidders[:1], 9), "n"), AFTER
        )
    for who in JURY:
        await do(database, open_ballot, tender, who, (scores_of(bidders[:1], 9), "n"), AFTER)
        with pytest.raises(AlreadyDone):
            await do(database, open_ballot, tender, who, (scores_of(bidders[:1], 9), "n"), AFTER)
    await do(database, declare_ballot, tender, "staff:z", [], NOW)
    with pytest.raises(WrongPhase):
        await do(database, seal_ballot, tender, "staff:z", "0" * 64, AFTER)  # others are open already
    async with database.transaction() as session:
        await decide(session, debarment(bidders[0]))
    with pytest.raises(ProviderIsDebarred):
        await do(database, award, tender, "staff:wang", AFTER)


async def sealed_by_all(database: Database, tender: Tender, scores: dict[str, dict[str, int]]) -> None:
    for who in JURY:
        await do(database, declare_ballot, tender, who, [], NOW)
        await do(database, seal_ballot, tender, who, commitment_of(tender.id, who, scores, "n"), AFTER)


async def test_who_declares_while_scores_are_opened_does_not_hold_the_others_up(database: Database) -> None:
    tender, bidders = await opened(database)
    await try_to_bid(database, tender, bidders[0])
    scores = scores_of(bidders[:1], 9)
    await sealed_by_all(database, tender, scores)
    await do(database, open_ballot, tender, JURY[0], (scores, "n"), AFTER)
    await do(database, declare_ballot, tender, "staff:z", [], AFTER)
    for who in JURY[1:]:
        await do(database, open_ballot, tender, who, (scores, "n"), AFTER)
    with pytest.raises(BallotInvalid):
        await do(database, open_ballot, tender, "staff:z", (scores, "n"), AFTER)
    await do(database, award, tender, "staff:wang", AFTER)


async def test_a_bid_that_comes_to_sealed_scores_is_too_late_whenever_it_set_out(database: Database) -> None:
    tender, bidders = await opened(database)
    await try_to_bid(database, tender, bidders[0])
    await sealed_by_all(database, tender, scores_of(bidders[:1], 9))
    with pytest.raises(WrongPhase):
        await try_to_bid(database, tender, bidders[1])


async def test_without_a_bid_there_is_no_award(database: Database) -> None:
    tender, _ = await opened(database)
    await sealed_by_all(database, tender, {})
    for who in JURY:
        await do(database, open_ballot, tender, who, ({}, "n"), AFTER)
    with pytest.raises(WrongPhase):
        await do(database, award, tender, "staff:wang", AFTER)


async def test_of_32_bids_of_one_provider_one_counts_and_licences_are_asked_for(database: Database) -> None:
    tender, bidders = await opened(database)
    tries = [try_to_bid(database, tender, bidders[0]) for _ in range(32)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert (done.count(None), sum(isinstance(one, AlreadyDone) for one in done)) == (1, 31)
    async with database.transaction() as session:
        asked = Opening(DONGJIANG, "食堂", "service", ("food",), 10**8, CRITERIA, DEADLINE, "staff:wang", NOW)
        kitchen = await open_tender(session, asked)
    with pytest.raises(LicenceMissing):
        await try_to_bid(database, kitchen, bidders[0])


def test_weights_come_to_a_whole_and_of_equal_points_the_lower_price_wins() -> None:
    for wrong in ({}, {"price": 9_999}, {"price": 10_001, "service": -1}):
        with pytest.raises(CriteriaInvalid):
            check_criteria(wrong)
    one, two = uuid.UUID(int=1), uuid.UUID(int=2)
    ballots = [scores_of([one, two], 70, 70)]
    assert ranked({one: 90, two: 80}, ballots, CRITERIA) == [
        Standing(two, 80, 50 * 4_000 + 70 * 6_000),
        Standing(one, 90, 50 * 4_000 + 70 * 6_000),
    ]


async def test_tenders_over_http_and_who_may(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    body = {
        "community_code": DONGJIANG,
        "title": "老年食堂运营",
        "scene": "service",
        "budget_fen": 10**8,
        "criteria": CRITERIA,
        "bids_until": "2099-01-01T00:00:00Z",
    }
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.post("/tenders", who, body)).status_code == 403
    late = await api.post("/tenders", YUYAO_OFFICIAL, {**body, "bids_until": "2020-01-01T00:00:00Z"})
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "tender-wrong-phase")
    tender_id = (await api.post("/tenders", YUYAO_OFFICIAL, body)).json()["id"]
    path = f"/tenders/{tender_id}"
    offer = {"provider_id": provider_id, "price_fen": 9 * 10**7, "proposal": "方案"}
    merchant = identity(f"merchant:{provider_id}", ("merchant", DONGJIANG))
    assert (await api.post(f"{path}/bids", RESIDENT, offer)).status_code == 403
    assert (await api.post(f"{path}/bids", merchant, offer)).status_code == 201
    other = identity("staff:lu", ("official", "330281"))
    assert (await api.post(f"{path}/declarations", YUYAO_OFFICIAL, {"interests": []})).status_code == 403
    assert (await api.post(f"{path}/declarations", other, {"interests": []})).status_code == 201
    assert (await api.post(f"{path}/declarations", other, {"interests": []})).status_code == 409
    assert (await api.post(f"{path}/ballots", other, {"commitment": "0" * 64})).status_code == 409
    opening = {"scores": {provider_id: {"price": 1, "service": 1}}, "nonce": "n"}
    assert (await api.post(f"{path}/ballots/opening", other, opening)).status_code == 409
    assert (await api.post(f"{path}/award", YUYAO_OFFICIAL)).status_code == 409
    assert (await api.post(f"{path}/award", RESIDENT)).status_code == 403
    seen = (await api.get(path, RESIDENT)).json()
    assert (seen["bids"], seen["sealed"], seen["awarded_to"]) == (1, 0, None)
    assert (await api.get(f"/tenders/{uuid.uuid4()}", RESIDENT)).status_code == 404
