"""A competition from its announcement to an appeal."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.operations.cockpit.roll_up import Happened, roll_up
from services.operations.competitions import queries
from services.operations.competitions.announce import Announcement, announce
from services.operations.competitions.appeal import Appeal, Ruling, appeal, rule_on_appeal
from services.operations.competitions.rank_streets import Order, rank_streets
from services.operations.competitions.rules import (
    COUNTS,
    FORMULA,
    PLACES,
    AppealRefused,
    CompetitionNotOver,
    CompetitionUnseen,
    OwnAppeal,
    Weight,
    rank,
)
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, NOW, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 30)
OVER = datetime(2026, 12, 31, 2, tzinfo=UTC)
EAST, SOUTH, THIRD = "330281002", "330281003", "330281001"
POPULATIONS = {EAST: 50_000, SOUTH: 40_000, THIRD: 30_000}
STREET = identity("staff:qian", ("official", EAST))


async def announced(database: Database) -> uuid.UUID:
    async with database.transaction() as session:
        row = await announce(
            session,
            Announcement(
                "330281",
                "志愿服务竞赛",
                FIRST,
                LAST,
                [Weight("attendances", 60, 40)],
                POPULATIONS,
                by="staff:wang",
                now=NOW,
            ),
        )
        return row.id


async def attend(database: Database, code: str, count: int, *, actor: uuid.UUID | None = None) -> list[uuid.UUID]:
    """Let so many attend over the days, each another unless it is always the same."""
    sources = [uuid.uuid4() for _ in range(count)]
    noon = datetime(2026, 12, 1, 4, tzinfo=UTC)
    async with database.transaction() as session:
        for n, source in enumerate(sources):
            at = noon + timedelta(days=n % 27)
            await roll_up(session, Happened(code, "attendances", source, 1, actor or uuid.uuid4(), at))
    return sources


@pytest.mark.proves("O16")
async def test_streets_are_ranked_and_flagged_by_a_formula_that_anyone_can_compute_again(api: ServiceClient) -> None:
    database = Database(api.database.app, name="test")
    competition_id = await announced(database)
    published = (await api.get(f"/competitions/{competition_id}", RESIDENT)).json()
    assert published["weights"] == [{"measure": "attendances", "level": 60, "improvement": 40}]
    assert len(published["digest"]) == 64
    await attend(database, DONGJIANG, 40)
    await attend(database, JINFENG, 120, actor=uuid.uuid4())
    with pytest.raises(CompetitionNotOver):
        async with database.transaction() as session:
            await rank_streets(session, Order(competition_id, "staff:wang", NOW))
    async with database.transaction() as session:
        await rank_streets(session, Order(competition_id, "staff:wang", OVER))
    await database.close()
    seen = (await api.get(f"/competitions/{competition_id}/ranking", RESIDENT)).json()
    assert [(one["street"], one["place"], one["flags"]) for one in seen["places"]] == [
        (SOUTH, 1, ["attendances: one_actor"]),
        (EAST, 2, []),
        (THIRD, 3, []),
    ]
    again = rank(
        FORMULA.validate_python(published["weights"]),
        published["populations"],
        COUNTS.validate_python(seen["counts"]),
        days=30,
    )
    assert again == PLACES.validate_python(seen["places"])


@pytest.mark.proves("O16")
async def test_an_appeal_that_another_hand_upholds_leaves_made_up_records_out(api: ServiceClient) -> None:
    database = Database(api.database.app, name="test")
    competition_id = await announced(database)
    await attend(database, DONGJIANG, 40)
    gamed = await attend(database, JINFENG, 120, actor=uuid.uuid4())
    async with database.transaction() as session:
        await rank_streets(session, Order(competition_id, "staff:wang", OVER))
        raised = await appeal(session, Appeal(competition_id, EAST, "一人刷量", by="staff:qian", now=OVER))
    own = Ruling(competition_id, raised.id, True, "属实", gamed, by="staff:qian", now=OVER)  # noqa: FBT003 - upheld
    with pytest.raises(OwnAppeal):
        async with database.transaction() as session:
            await rule_on_appeal(session, own)
    rulings = f"/competitions/{competition_id}/appeals/{raised.id}/ruling"
    body = {"upheld": False, "ruling": "再查"}
    assert (await api.post(rulings, STREET, body)).status_code == 403
    async with database.transaction() as session:
        await rule_on_appeal(session, replace(own, by="staff:wang"))
    await database.close()
    seen = (await api.get(f"/competitions/{competition_id}/ranking", RESIDENT)).json()
    assert (seen["revision"], seen["excluded"], seen["places"][0]["street"]) == (2, 120, EAST)
    assert str(raised.id) in seen["because"]
    late = await api.post(rulings, YUYAO_OFFICIAL, body)
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "competition-appeal-refused")


async def test_of_32_rulings_at_once_one_counts(database: Database) -> None:
    competition_id = await announced(database)
    async with database.transaction() as session:
        await rank_streets(session, Order(competition_id, "staff:wang", OVER))
        raised = await appeal(session, Appeal(competition_id, EAST, "漏记", by="staff:qian", now=OVER))

    async def decide(n: int) -> bool:
        ruling = Ruling(competition_id, raised.id, True, "属实", [], by=f"staff:{n}", now=OVER)  # noqa: FBT003 - upheld
        try:
            async with database.transaction() as session:
                await rule_on_appeal(session, ruling)
        except AppealRefused:
            return False
        return True

    assert sum(await asyncio.gather(*(decide(n) for n in range(32)))) == 1
    async with database.transaction() as session:
        standing = await queries.ranking(session, competition_id)
    assert standing is not None
    assert standing.revision == 2


async def test_of_32_appeals_upheld_at_once_each_leaves_its_records_out(database: Database) -> None:
    competition_id = await announced(database)
    made_up = await attend(database, JINFENG, 32)
    async with database.transaction() as session:
        await rank_streets(session, Order(competition_id, "staff:wang", OVER))
        raised = [
            await appeal(session, Appeal(competition_id, EAST, "刷量", by="staff:qian", now=OVER)) for _ in made_up
        ]

    async def uphold(n: int) -> None:
        ruling = Ruling(competition_id, raised[n].id, True, "属实", made_up[n : n + 1], by="staff:wang", now=OVER)  # noqa: FBT003 - upheld
        async with database.transaction() as session:
            await rule_on_appeal(session, ruling)

    await asyncio.gather(*(uphold(n) for n in range(32)))
    async with database.transaction() as session:
        standing = await queries.ranking(session, competition_id)
    assert standing is not None
    assert (standing.revision, sorted(standing.excluded)) == (33, sorted(map(str, made_up)))


async def test_an_appeal_takes_a_fresh_ranking_and_a_street_of_the_competition(database: Database) -> None:
    competition_id = await announced(database)
    await attend(database, DONGJIANG, 3)
    early = Appeal(competition_id, EAST, "漏记", by="staff:qian", now=OVER)
    for ranked, asked in (
        (False, early),
        (True, Appeal(competition_id, "330281009", "漏记", by="staff:qian", now=OVER)),
        (True, Appeal(competition_id, EAST, "漏记", by="staff:qian", now=OVER + timedelta(days=11))),
    ):
        async with database.transaction() as session:
            if ranked:
                await rank_streets(session, Order(competition_id, "staff:wang", OVER))
            with pytest.raises(AppealRefused):
                await appeal(session, asked)
    async with database.transaction() as session:
        with pytest.raises(CompetitionUnseen):
            await queries.appeal(session, competition_id, uuid.uuid4())


async def test_announcing_ranking_and_refusals_over_http(api: ServiceClient) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    body = {
        "area_code": "330281",
        "title": "志愿服务竞赛",
        "first_day": tomorrow.isoformat(),
        "last_day": (tomorrow + timedelta(days=29)).isoformat(),
        "weights": [{"measure": "attendances", "level": 60, "improvement": 40}],
        "populations": POPULATIONS,
    }
    made = await api.post("/competitions", YUYAO_OFFICIAL, body)
    assert made.status_code == 201, made.text
    path = f"/competitions/{made.json()['id']}"
    unequal = [{"measure": "attendances", "level": 60, "improvement": 30}]
    for where, who, sent, status, kind in (
        ("/competitions", SHANGCHENG_OFFICIAL, body, 403, "out-of-scope"),
        ("/competitions", YUYAO_OFFICIAL, {**body, "weights": unequal}, 422, "competition-formula-inadmissible"),
        ("/competitions", YUYAO_OFFICIAL, {**body, "first_day": "2026-01-01"}, 409, "competition-announced-too-late"),
        (f"{path}/rankings", YUYAO_OFFICIAL, None, 409, "competition-not-over"),
        (f"{path}/rankings", STREET, None, 403, "out-of-scope"),
        (f"{path}/appeals", STREET, {"street_code": EAST, "grounds": "漏记"}, 409, "competition-appeal-refused"),
        (f"/competitions/{uuid.uuid4()}/rankings", YUYAO_OFFICIAL, None, 404, "competition-unseen"),
    ):
        answer = await api.post(where, who, sent)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), answer.text
    assert (await api.get(f"{path}/ranking", RESIDENT)).status_code == 404
    elsewhere = {**body, "populations": {"330102001": 1, EAST: 1}}
    assert (await api.post("/competitions", YUYAO_OFFICIAL, elsewhere)).status_code == 422
