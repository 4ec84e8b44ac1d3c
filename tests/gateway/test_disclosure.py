"""Who sees how much of an answer, by the levels in the service's own description: applications, staff, residents."""

import json
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Response
from pydantic import BaseModel

from gateway.aggregate import reachable
from gateway.console.main import create_app as create_console
from gateway.disclosure import Disclosure, Sight, hidden, pseudonym
from services.scenarios.feeds.rules import Item, appointment
from shared.fields import LEVEL, MASK, RESIDENTS, ResidentId, ResidentText, Subject, of_level
from shared.masking import other
from tests.gateway.knock import OFFICIAL, RESIDENT, Door, StartGateway, served
from tests.gateway.ruling import application, provincial, put, secret_of
from tests.ground import identity
from tests.shape.tree import ROOT

WHO = uuid.UUID("0199d0f0-7a3c-7bb1-9137-137123490501")
PATH, CLOSED = "/v1/points/corridors", "/v1/points/earning-rules"
EXPORT, BOOK = "/v1/points/books/{community_code}/export", f'{{"owner": "resident:{WHO}"}}\n'
ID, MOBILE = "110105194912310021", "12712349050"
"""Of no real form, so that the scan of the whole run for full numbers knows no exception."""
DESK = identity("staff:1", ("desk", "330102001051"))
MERCHANT = identity("merchant:1", ("merchant", "330102001051"))
REVEAL = {"Linli-Reveal": "%E6%A0%B8%E5%AE%9E%E7%94%B3%E8%AF%89%20" + "13712349050"}


class Person(BaseModel):
    """All that can be tagged."""

    resident_id: ResidentId
    by: Subject
    name: Annotated[str, of_level("L3", "name")] = "周大友"
    id_number: Annotated[str | None, of_level("L3", "id-number")] = ID
    mobile: Annotated[str, of_level("L3", "mobile")] = MOBILE
    appeal: ResidentText | None = "我没有做过"
    evidence: Annotated[dict[str, Any], of_level("L3")]
    scene: str = "邻里"
    next: "Person | None" = None


class Visit(BaseModel):
    """What is opened to no application."""

    resident_id: Annotated[uuid.UUID, of_level("L4")] = WHO


def _person(**more: Any) -> Person:  # noqa: ANN401 - any member
    return Person(resident_id=WHO, by=f"resident:{WHO}", evidence={"photo": "a.jpg", "at": 30.2}, **more)


def _service() -> FastAPI:
    app = FastAPI()

    @app.get("/corridors")
    async def persons() -> list[Person]:
        return [_person(next=_person())]

    @app.get("/earning-rules")
    async def visits() -> dict[str, Visit]:
        return {"a": Visit()}

    whole = {"application/jsonl": {"schema": {"type": "string", LEVEL: "L2", MASK: "other"}}}

    @app.get("/books/{community_code}/export", response_class=Response, responses={200: {"content": whole}})
    async def book(community_code: str) -> Response:
        return Response(f"{BOOK}{community_code}", media_type="application/jsonl")

    @app.get("/debit-caps/headroom", response_model=Visit)
    async def unlike() -> Response:
        return Response(b"\xff not JSON")

    return app


@pytest.fixture
async def tagged(start_gateway: StartGateway) -> AsyncIterator[Door]:
    """Give a gateway before a service that tags its answers."""
    async with served(_service()) as url, served(create_console()) as console:
        yield await start_gateway({"points": url, "console": console})


async def _ask(door: Door, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    answer = await door.http.get(path, headers=headers)
    assert answer.headers["content-length"] == str(len(answer.content))
    return answer.status_code, answer.json()


def _reveals(door: Door) -> list[dict[str, Any]]:
    lines = [line for path in door.audit_dir.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    return [told for told in map(json.loads, lines) if told["kind"] == "reveal"]


async def _registered(door: Door, name: str, level: str) -> dict[str, str]:
    granted = [{"operation": f"GET {path}", "prefix": "330102", "level": level} for path in (PATH, CLOSED)]
    await put(door, "application", name, application(kind="mini-app", grants=granted))
    return {"name": name, "secret": await secret_of(door, name)}


async def _as(door: Door, path: str, app: dict[str, str], **more: str) -> tuple[int, Any]:
    return await _ask(door, path, {**provincial("GET", path, app["name"], app["secret"]), **more})


@pytest.mark.proves("G9")
async def test_the_levels_in_a_description_decide_what_is_masked_refused_and_revealed(tagged: Door) -> None:
    whole = [json.loads(_person(next=_person()).model_dump_json())]
    assert await _ask(tagged, PATH, tagged.bearer(RESIDENT)) == (200, whole)
    [staff] = (await _ask(tagged, PATH, tagged.bearer(DESK)))[1]
    assert staff["resident_id"] == str(WHO)
    hidden = {"name": "*大友", "id_number": "1****************1", "mobile": "127****9050", "appeal": "我***过"}
    for person in (staff, staff["next"]):
        assert person.items() >= {**hidden, "evidence": {}, "scene": "邻里"}.items()
    await _applications(tagged, hidden)
    await _reveal(tagged, whole)


async def test_what_is_about_the_caller_itself_is_shown_whole_but_not_what_it_wrote_of_others(tagged: Door) -> None:
    whole = [json.loads(_person(next=_person()).model_dump_json())]
    for kind in ("merchant", "resident"):
        who = identity(f"{kind}:{WHO}", ("merchant", "330102001051"))
        assert await _ask(tagged, PATH, tagged.bearer(who)) == (200, whole)
    for who in (MERCHANT, identity(f"resident:{WHO}", ("desk", "330102001051"))):
        [person] = (await _ask(tagged, PATH, tagged.bearer(who)))[1]
        assert person["appeal"] == "我***过"


async def _applications(door: Door, hidden: dict[str, str]) -> None:
    first, second = await _registered(door, "app-1", "L1"), await _registered(door, "app-2", "L2")
    status, [seen] = await _as(door, PATH, first)
    assert (status, seen.items() >= hidden.items()) == (200, True)
    known_as = uuid.UUID(seen["resident_id"])
    assert (known_as != WHO, seen["by"], seen["next"]["resident_id"]) == (True, f"resident:{known_as}", str(known_as))
    assert (await _as(door, PATH, first))[1] == [seen]
    assert (await _ask(door, PATH, door.bearer(MERCHANT)))[1][0]["resident_id"] not in {str(WHO), str(known_as)}
    [known] = (await _as(door, PATH, second))[1]
    assert (known["resident_id"], known["name"]) == (str(WHO), "*大友")
    third = await _registered(door, "app-3", "L3")
    assert (await _as(door, PATH, third))[1][0]["id_number"] == ID
    status, refused = await _as(door, CLOSED, third)
    assert (status, refused["type"].rsplit("/")[-1]) == (403, "fields-closed")
    status, refused = await _as(door, PATH, third, **REVEAL)
    assert (status, refused["type"].rsplit("/")[-1]) == (403, "reveal-refused")


async def _reveal(door: Door, whole: list[Any]) -> None:
    for who in (MERCHANT, RESIDENT, identity("staff:2", ("operator", "330102"))):
        status, refused = await _ask(door, PATH, {**door.bearer(who), **REVEAL})
        assert (status, refused["type"].rsplit("/")[-1]) == (403, "reveal-refused")
    for reason in ("", "abc", "x" * 601, "why not?"):
        status, refused = await _ask(door, PATH, {**door.bearer(OFFICIAL), "Linli-Reveal": reason})
        assert (status, refused["errors"][0]["at"]) == (422, "/header/Linli-Reveal")
    assert (_reveals(door), (await _ask(door, CLOSED, door.bearer(OFFICIAL)))[1]["a"] != str(WHO)) == ([], True)
    assert await _ask(door, PATH, {**door.bearer(OFFICIAL), **REVEAL}) == (200, whole)
    assert await _ask(door, CLOSED, {**door.bearer(DESK), **REVEAL}) == (200, {"a": {"resident_id": str(WHO)}})
    first, second = _reveals(door)
    assert (first["subject"], first["route"], first["reason"]) == ("official:1", PATH, "核实申诉 137****9050")
    assert (second["levels"], second["trace_id"]) == (["L4"], door.audit()[-1]["trace_id"])


def test_a_text_that_mentions_an_id_is_masked_as_a_text() -> None:
    said = f"我家住清波街12号，记录 {WHO} 有误，请打 {MOBILE} 给我"
    assert hidden(said, "other", b"key") == other(said)
    known_as = pseudonym(str(WHO), b"key")
    for text in ("", "resident:", "Patient/"):
        assert hidden(f"{text}{WHO}", "other", b"key") == f"{text}{known_as}"


async def test_where_nothing_is_masked_a_reason_is_refused_and_no_answer_is_read_whole(door: Door) -> None:
    status, refused = await _ask(door, PATH, {**door.bearer(OFFICIAL), **REVEAL})
    assert (status, refused["errors"][0]["at"]) == (422, "/header/Linli-Reveal")


async def test_of_an_answer_that_is_not_as_described_or_too_long_nothing_is_shown(
    tagged: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, refused = await _ask(tagged, "/v1/points/debit-caps/headroom", tagged.bearer(DESK))
    assert (status, refused["type"].rsplit("/")[-1]) == (502, "service-broke")
    monkeypatch.setattr("gateway.disclosure.VEILED_MAX_BYTES", 100)
    assert (await _ask(tagged, PATH, tagged.bearer(DESK)))[0] == 502
    assert (await _ask(tagged, PATH, tagged.bearer(RESIDENT)))[0] == 200


async def test_what_cannot_be_masked_is_given_whole_to_whom_it_is_open_or_not_at_all(tagged: Door) -> None:
    path = EXPORT.format(community_code="330102001051")
    for name, level, status in (("app-1", "L1", 403), ("app-2", "L2", 200)):
        grant = {"operation": f"GET {EXPORT}", "prefix": "330102", "level": level}
        await put(tagged, "application", name, application(kind="operator", grants=[grant]))
        answer = await tagged.http.get(path, headers=provincial("GET", path, name, await secret_of(tagged, name)))
        assert (answer.status_code, str(WHO) in answer.text) == (status, status == 200)
    assert (await tagged.http.get(path, headers=tagged.bearer(OFFICIAL))).text == answer.text


async def test_what_cannot_be_put_on_record_is_not_revealed(tagged: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as disk:
        disk.setattr("gateway.audit.os.write", full)
        status, refused = await _ask(tagged, PATH, {**tagged.bearer(OFFICIAL), **REVEAL})
        assert (status, refused["type"].rsplit("/")[-1]) == (503, "audit-away")
        assert (await _ask(tagged, PATH, tagged.bearer(OFFICIAL)))[0] == 200


def test_an_application_not_granted_l2_knows_the_patient_of_an_appointment_by_a_pseudonym() -> None:
    described = json.loads((ROOT / "docs/openapi/platform.json").read_text(encoding="utf-8"))
    [operation] = described["paths"]["/v1/scenarios/bookings/{booking_id}/fhir/Appointment"].values()
    at = datetime(2026, 11, 1, tzinfo=UTC)
    said = appointment(Item(uuid.uuid4(), "健康小屋", (at, at), "confirmed", 0, at), uuid.uuid4(), WHO)
    disclosure = Disclosure(operation["responses"], described["components"]["schemas"])
    seen = json.loads(disclosure.masked(Sight("L1", b"key", frozenset()), json.dumps(said).encode()))
    assert seen["participant"][0]["actor"]["reference"] == f"Patient/{pseudonym(str(WHO), b'key')}"
    assert {**seen, "participant": []} == {**said, "participant": []}


def _schemas() -> Iterator[tuple[str, str, dict[str, Any]]]:
    described = json.loads((ROOT / "docs/openapi/platform.json").read_text(encoding="utf-8"))
    answers = [each["responses"] for methods in described["paths"].values() for each in methods.values()]
    for name, schema in reachable(answers, described["components"]["schemas"]).items():
        for member, each in schema.get("properties", {}).items():
            yield name, member, each


def test_whoever_is_named_in_an_answer_has_a_level_and_what_has_one_can_be_masked() -> None:
    members = list(_schemas())
    names = {*RESIDENTS, "booked_by", "given_by", "subject", "care"}
    assert not [(name, member) for name, member, each in members if member in names and LEVEL not in str(each)]
    options = [(name, member, option) for name, member, each in members for option in (each, *each.get("anyOf", ()))]
    tagged = [(name, member, option) for name, member, option in options if LEVEL in option]
    assert {option[LEVEL] for _, _, option in tagged} == {"L2", "L3", "L4"}
    for name, member, option in tagged:
        assert (name, member, option.get("type"), option.get("format") in {None, "uuid"}) == (
            name,
            member,
            "string",
            True,
        )
