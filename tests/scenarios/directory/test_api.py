"""The directory as a stranger's client reads it: each record against the standard's own schemas."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from services.scenarios.directory.rules import organization_id
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, NEXT_COMMUNITY, OPERATOR, resident

SCHEMAS = Path(__file__).parent / "schema"
BASE = "https://hsds.example/"
WHO = resident(uuid.uuid4())


def shut(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema to which a field that it does not know is wrong."""
    if isinstance(schema, list):
        return [shut(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: shut(part) for name, part in schema.items()}
    return closed | {"additionalProperties": False} if isinstance(closed.get("properties"), dict) else closed


def wrong(kind: str, record: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a record by the published schema, an unknown field as well."""
    registry: Registry[Any] = Registry()
    for path in SCHEMAS.glob("*.json"):
        schema = shut(json.loads(path.read_text(encoding="utf-8")))
        registry = registry.with_resource(BASE + path.name, DRAFT202012.create_resource(schema))
    asked = {"$ref": f"{BASE}{kind}.json"}
    checker = Draft202012Validator(asked, registry=registry, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(record)]


def assert_page(page: Mapping[str, Any], kind: str, *, size: int, total: int) -> None:
    """The envelope and each record in it are as the standard's own descriptions say."""
    description = json.loads((SCHEMAS / "openapi.json").read_text(encoding="utf-8"))
    Draft202012Validator(description["components"]["schemas"]["Page"]).validate(page)
    assert (page["size"], page["total_items"], page["empty"]) == (size, total, size == 0)
    assert [wrong(kind, each) for each in page["contents"]] == [[]] * size


@pytest.fixture
async def filled(api: ServiceClient) -> tuple[str, str]:
    """Return the ids of a station in a room that costs something, and of a hall that is closed for two hours."""
    hours = [{"weekday": day, "opens": "08:00", "closes": "12:00"} for day in (5, 1)]
    hours.append({"weekday": 6, "opens": "09:00", "closes": "24:00"})
    terms = {"community_code": COMMUNITY, "opening_hours": hours, "slot_minutes": 30, "longest_minutes": 120}
    room, hall = [
        (await api.post("/spaces", OPERATOR, {**terms, "name": name})).json()["id"] for name in ("诊室", "礼堂 Hall")
    ]
    tariff = {"fen_per_hour": 2050, "fen_cap": 6000, "free_for": ["80+"]}
    assert (await api.post(f"/spaces/{room}/tariff", OPERATOR, tariff)).status_code == 201
    station = {"community_code": COMMUNITY, "kind": "health-station", "name": "智慧健康站", "space_id": room}
    now, hour = datetime.now(UTC), timedelta(hours=1)
    closed = {"starts_at": (now - hour).isoformat(), "ends_at": (now + hour).isoformat(), "reason": "检修"}
    assert (await api.post(f"/spaces/{hall}/closures", OPERATOR, closed)).status_code == 201
    return (await api.post("/facilities", OPERATOR, station)).json()["id"], hall


@pytest.mark.proves("S19")
async def test_each_list_and_record_is_valid_hsds(api: ServiceClient, filled: tuple[str, str]) -> None:
    assert (await api.get("/hsds", WHO)).json()["version"] == "3.0"
    for path, kind, total in (
        ("services", "service", 2),
        ("service_at_locations", "service_at_location", 2),
        ("organizations", "organization", 2),
        ("taxonomies", "taxonomy", 1),
        ("taxonomy_terms", "taxonomy_term", 6),
    ):
        page = (await api.get(f"/hsds/{path}", WHO)).json()
        assert_page(page, kind, size=total, total=total)
        if kind != "service_at_location":
            for each in page["contents"]:
                record = (await api.get(f"/hsds/{path}/{each['id']}", WHO)).json()
                assert (record["id"], wrong(kind, record)) == (each["id"], [])
            unknown = await api.get(f"/hsds/{path}/{uuid.uuid4()}", WHO)
            assert (unknown.status_code, unknown.json()["type"].rpartition("/")[2]) == (404, "not-listed")
    assert_page((await api.get("/hsds/services", WHO, full="true")).json(), "service", size=2, total=2)
    assert "not-a-status" in str(wrong("service", {"id": filled[0], "name": "x", "status": "not-a-status"}))
    assert wrong("service", {"id": filled[0], "name": "x", "status": "active", "nobody_knows": 1})


async def test_a_facility_in_a_space_is_one_service_with_times_cost_and_kind(
    api: ServiceClient, filled: tuple[str, str]
) -> None:
    station, hall = filled
    service = (await api.get(f"/hsds/services/{station}", WHO)).json()
    assert (service["name"], service["status"]) == ("智慧健康站", "active")
    assert [(each["byday"], each["opens_at"], each["closes_at"]) for each in service["schedules"]] == [
        ("MO,FR", "08:00+08:00", "12:00+08:00"),
        ("SA", "09:00+08:00", "24:00+08:00"),
    ]
    assert service["fees_description"] == "每小时 20.50 元，每次最高 60.00 元；免费对象：80+"
    assert [(cost["currency"], cost["amount"]) for cost in service["cost_options"]] == [("CNY", 20.5)]
    assert [each["taxonomy_term"]["name"] for each in service["attributes"]] == ["智慧健康站"]
    assert (await api.get(f"/hsds/services/{hall}", WHO)).json()["status"] == "temporarily closed"
    await api.post(f"/spaces/{hall}/retirement", OPERATOR)
    assert (await api.get(f"/hsds/services/{hall}", WHO)).status_code == 404


async def test_lists_are_asked_by_community_kind_name_and_page(api: ServiceClient, filled: tuple[str, str]) -> None:
    station, hall = filled

    async def ids(**asked: str | int) -> list[str]:
        page = (await api.get("/hsds/services", WHO, **asked)).json()
        assert_page(page, "service", size=len(page["contents"]), total=page["total_items"])
        return [each["id"] for each in page["contents"]]

    everything = await ids()
    assert set(everything) == {station, hall}
    assert await ids(organization_id=str(organization_id(COMMUNITY))) == everything
    assert await ids(organization_id=str(organization_id(NEXT_COMMUNITY))) == await ids(organization_id=station) == []
    terms = (await api.get("/hsds/taxonomy_terms", WHO)).json()["contents"]
    kinds = {term["code"]: term["id"] for term in terms}
    assert await ids(taxonomy_term_id=kinds["health-station"]) == [station]
    assert await ids(taxonomy_term_id=kinds["child-care"]) == await ids(taxonomy_term_id=hall) == []
    assert await ids(search="hall") == [hall]
    assert await ids(search="%") == []
    assert await ids(page=1, per_page=1) + await ids(page=2, per_page=1) == everything
    last = (await api.get("/hsds/services", WHO, page=2, per_page=1)).json()
    assert (last["total_pages"], last["first_page"], last["last_page"]) == (2, False, True)
    assert await ids(page=3, per_page=1) == []
    assert (await api.get("/hsds/services", WHO, page=0)).status_code == 422
