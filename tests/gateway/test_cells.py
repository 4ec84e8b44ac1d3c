"""A community's code leads to its district's cell, by a table that is changed while the door is open."""

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from gateway.cells import HOME, Cell, area_of, cell_of
from gateway.console.main import create_app as create_console
from shared.fields import AreaPrefix, CommunityCode
from tests.gateway.knock import OFFICIAL, RESIDENT, Door, StartGateway, served
from tests.gateway.ruling import propose, put
from tests.ground import identity

AT_HOME, YUYAO = "330102001051", "330281002015"
THERE = identity("resident:2", ("resident", YUYAO))
PROVINCE = identity("official:33", ("official", "33"), ("official", "330102"))


class Said(BaseModel):
    """A body that names a community."""

    note: str = ""
    community_code: CommunityCode | None = None


def district(name: str) -> FastAPI:
    """Build a service that says which district it is of."""
    app = FastAPI()

    @app.get("/books/{community_code}/journal")
    async def by_path(community_code: CommunityCode) -> list[str]:
        return [name, community_code]

    @app.get("/corridors")
    async def by_query(area: AreaPrefix = "33") -> list[str]:
        return [name, area]

    @app.post("/quotes")
    async def by_body(said: Said) -> list[str]:
        return [name, str(said.community_code)]

    @app.get("/redemptions/{redemption_id}")
    async def by_id(redemption_id: str) -> list[str]:
        return [name, redemption_id]

    return app


async def _asked(door: Door) -> list[str]:
    """Ask in each way in which a call is of Yuyao; returns which district answered."""
    journal = f"/v1/points/books/{YUYAO}/journal"
    answers = [
        await door.http.get(journal, headers=door.bearer(PROVINCE)),
        await door.http.get(f"/v1/points/corridors?area={YUYAO[:9]}", headers=door.bearer()),
        await door.http.post("/v1/points/quotes", headers=door.write(), json={"community_code": YUYAO}),
        await door.http.get("/v1/points/redemptions/1", headers=door.bearer(THERE)),
        await door.http.get("/v1/points/redemptions/1", headers={**door.bearer(), "Linli-Area": YUYAO}),
    ]
    return [answer.json()[0] if answer.status_code == 200 else str(answer.status_code) for answer in answers]


async def _asked_at_home(door: Door) -> set[str]:
    journal = f"/v1/points/books/{AT_HOME}/journal"
    answers = [
        await door.http.get(journal, headers=door.bearer(OFFICIAL)),
        await door.http.get("/v1/points/corridors", headers=door.bearer(PROVINCE)),
        await door.http.post("/v1/points/quotes", headers=door.write(), json={"community_code": AT_HOME}),
        await door.http.post("/v1/points/quotes", headers=door.write(), json={"note": YUYAO}),
        await door.http.get("/v1/points/redemptions/1", headers=door.bearer(RESIDENT)),
        # What the call itself names counts, whatever its header says.
        await door.http.get(f"/v1/points/corridors?area={AT_HOME}", headers={**door.bearer(), "Linli-Area": YUYAO}),
    ]
    return {answer.json()[0] for answer in answers}


@pytest.mark.proves("G23")
async def test_a_code_leads_to_its_districts_cell_and_a_cell_that_is_down_takes_no_other_with_it(
    start_gateway: StartGateway,
) -> None:
    async with served(create_console()) as console, served(district("home")) as home:
        door = await start_gateway({"points": home, "console": console})
        assert await _asked(door) == ["home"] * 5
        async with served(district("yuyao")) as yuyao:
            await put(door, "cell", "330281", {"services": {"points": yuyao}})
            assert await _asked(door) == ["yuyao"] * 5
            assert await _asked_at_home(door) == {"home"}
        for _ in range(5):
            assert set(await _asked(door)) == {"503"}
        assert await _asked_at_home(door) == {"home"}
        await put(door, "cell", "330281", None)
        assert await _asked(door) == ["home"] * 5
        for name, services in (("33", {"points": home}), ("330281", {"points": "file:///x"}), ("330281", {})):
            assert (await propose(door, "cell", name, {"services": services})).status_code == 422


def test_the_longest_prefix_wins_and_what_no_cell_serves_is_at_home() -> None:
    district_cell, street = Cell("330281", {}), Cell("330281002", {})
    cells = {each.name: each for each in (district_cell, street)}
    assert cell_of("330281002015", cells) is street
    assert cell_of("330281003012", cells) is district_cell
    for area in ("330102001051", "33", "", None):
        assert cell_of(area, cells) is HOME


def test_a_caller_of_two_districts_has_none_of_its_own() -> None:
    assert area_of(None, {}, identity("x", ("desk", "330102001051"), ("desk", "330281002015"))) is None
    assert area_of(None, {}, identity("x", ("desk", "330102001051"), ("operator", "330102"))) == "330102"
    assert area_of(None, {}, identity("x", ("official", "33"))) is None
