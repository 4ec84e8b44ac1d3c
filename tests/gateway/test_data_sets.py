"""The catalogue of data: what an entry may say, who gets it, and in which forms."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from gmssl_pyx import sm2_key_generate
from pydantic import ValidationError

from gateway.console.exchange.rules import DataNotShared, check_receiver
from gateway.console.exchange.write_rows import write_rows
from gateway.data_sets import Column, columns_of
from gateway.events import SUBSCRIBABLE
from gateway.registry import Application, DataSet
from shared import sm2
from shared.database import Database
from shared.events import Event
from shared.fields import VisitorId
from tests.gateway.knock import OFFICIAL, RESIDENT, Door
from tests.gateway.receiving import (
    ATTENDANCE,
    DATA_SETS,
    GRANTS,
    PRIVATE,
    PROFILE,
    PUBLIC,
    ask,
    government,
    list_in_catalogue,
    profile,
    rows_of,
    tell,
)
from tests.gateway.ruling import application, propose, provincial, put, secret_of


@pytest.mark.proves("G17")
async def test_the_catalogue_names_owner_level_and_share_type_and_follows_them(ruled: Door) -> None:
    secret, other = await government(ruled), await government(ruled, "other")
    for name, document in (
        ("attendance", ATTENDANCE),
        ("profile", PROFILE),
        ("inner", {**PROFILE, "share": "not-shared"}),
    ):
        await list_in_catalogue(ruled, name, document)
    await put(ruled, "application", "till", application(kind="operator", grants=GRANTS, sm2_key=PUBLIC.hex()))
    listed = await ruled.http.get(DATA_SETS, headers=provincial("GET", DATA_SETS, "cockpit", secret))
    shared, inner, free = listed.json()["data_sets"]
    assert (shared["entry"]["owner"], shared["entry"]["share"]) == ("上城区民政局", "conditional")
    assert shared["levels"] == {"JLBH": "L1", "HDLX": "L1", "RYBH": "L2", "QDSJ": "L1", "SC": "L1", "CSMC": "L1"}
    assert (inner["entry"]["share"], free["entry"]["level"]) == ("not-shared", "L1")
    database = Database(ruled.database.app, name="test", pool_size=2)
    await tell(database, profile())
    await database.close()
    assert (await ask(ruled, other, "other", "profile")).status_code == 200
    for name, key, of, kind in (
        ("other", other, "attendance", "data-not-shared"),
        ("cockpit", secret, "inner", "data-not-shared"),
        ("cockpit", secret, "nothing", "data-set-unseen"),
    ):
        assert (await ask(ruled, key, name, of)).json()["type"].rpartition("/")[2] == kind
    await _who_may_not(ruled, secret)


async def _who_may_not(door: Door, secret: str) -> None:
    path, body = f"{DATA_SETS}/profile/packages", {"format": "csv"}
    person = await door.http.post(path, headers=door.write(RESIDENT), json=body)
    assert person.status_code == 403
    till = await ask(door, await secret_of(door, "till"), "till", "profile")
    assert (till.status_code, till.json()) == (401, {"message": "The route_id is forbidden."})
    official = await door.http.post(path, headers=door.write(OFFICIAL), json=body)
    assert official.json()["type"].rpartition("/")[2] == "data-not-shared"
    for cursor in ("%", "WzEsMiwzXQ", "Wy0xLDBd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OSwwXQ"):
        bad = await ask(door, secret, of="profile", after=cursor)
        assert (bad.status_code, bad.json()["type"].rpartition("/")[2]) == (422, "bad-cursor")
    for wrong in ({"rows_max": 0}, {"format": "xml"}, {"more": 1}):
        assert (await ask(door, secret, of="profile", **wrong)).status_code == 422
    await put(door, "application", "cockpit", application(kind="government", grants=GRANTS))
    keyless = await ask(door, secret, of="profile")
    assert keyless.json()["type"].rpartition("/")[2] == "receiver-key-missing"
    await put(door, "application", "cockpit", application(kind="government", grants=GRANTS, sm2_key="ab" * 64))
    keyless = await ask(door, secret, of="profile")
    assert (keyless.status_code, keyless.json()["type"].rpartition("/")[2]) == (409, "receiver-key-missing")
    far = [{**grant, "prefix": "330281"} for grant in GRANTS]
    await put(door, "application", "cockpit", application(kind="government", grants=far, sm2_key=PUBLIC.hex()))
    assert (await ask(door, secret, of="profile")).json()["type"].rpartition("/")[2] == "out-of-scope"


@pytest.mark.parametrize(
    "changed",
    [
        {"level": "L1"},
        {"level": "L4"},
        {"share": "unconditional", "receivers": []},
        {"receivers": []},
        {"share": "not-shared"},
        {"event": "scenarios.nothing.v1"},
        {"fields": []},
        {"fields": [{"name": "A", "title": "甲", "source": "nothing"}]},
        {"fields": [{"name": "A", "title": "甲"}] * 2, "level": "L1"},
        {"fields": [{"name": "1;", "title": "甲"}], "level": "L1"},
        {"more": 1},
    ],
)
def test_an_entry_that_does_not_fit_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DataSet.model_validate({**ATTENDANCE, **changed})


async def test_the_console_says_what_does_not_fit(ruled: Door) -> None:
    refused = await propose(ruled, "data-set", "attendance", {**ATTENDANCE, "level": "L1"})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "document-malformed")
    assert "级别应为 L2" in refused.text


def test_only_a_government_platform_receives() -> None:
    entry = DataSet.model_validate(PROFILE)
    till = Application.model_validate(application(kind="operator", sm2_key=PUBLIC.hex()))
    for nobody in (till, None):
        with pytest.raises(DataNotShared):
            check_receiver("profile", entry, "till", nobody)


class _VisitorSeen(Event):
    """Somebody was somewhere."""

    type = "scenarios.visitor-seen.v1"

    visitor_id: VisitorId


def test_what_is_never_opened_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SUBSCRIBABLE, _VisitorSeen.type, _VisitorSeen)
    fields = [{"name": "A", "title": "甲", "source": "visitor_id"}]
    document = {**ATTENDANCE, "event": _VisitorSeen.type, "fields": fields, "level": "L4"}
    with pytest.raises(ValueError, match="L4 is never shared"):
        DataSet.model_validate(document)
    assert DataSet.model_validate({**document, "share": "not-shared", "receivers": []}).level == "L4"


def test_residents_are_above_the_open_level_in_each_event() -> None:
    people = {"resident_id", "giver_id", "receiver_id", "payer_id"}
    levels = {column.level for e in SUBSCRIBABLE.values() for name, column in columns_of(e).items() if name in people}
    assert levels == {"L2"}


def test_each_form_has_its_type_and_what_is_missing_is_null() -> None:
    forms = {"T": "text", "N": "number", "Y": "yes-no", "M": "time", "J": "json"}
    columns = {name: Column(form, "L1", "other") for name, form in forms.items()}  # type: ignore[arg-type]
    full = {"T": '甲,"乙"\n', "N": 2**40, "Y": True, "M": "2026-11-01T01:30:00.000001Z", "J": [{"a": 1}]}
    rows = [full, dict.fromkeys(columns)]
    local = "2026-11-01T09:30:00.000001+08:00"
    lines = [json.loads(line) for line in write_rows("jsonl", columns, rows).decode().splitlines()]
    assert lines == [{**full, "M": local}, rows[1]]
    cells = rows_of("csv", write_rows("csv", columns, rows))
    assert cells == [{**full, "N": str(2**40), "Y": "true", "M": local, "J": '[{"a": 1}]'}, dict.fromkeys(columns, "")]
    table = rows_of("parquet", write_rows("parquet", columns, rows))
    moment = datetime(2026, 11, 1, 1, 30, 0, 1, tzinfo=UTC)
    assert table == [{**full, "M": moment, "J": '[{"a": 1}]'}, rows[1]]
    assert rows_of("parquet", write_rows("parquet", columns, [])) == []


def test_sm4_and_sm2_are_those_of_the_standards() -> None:
    """The example of GB/T 32907; a pair that does not belong together signs nothing."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - one block, to compare
    assert encryptor.update(key).hex() == "681edf34d206965e86b3e94f536e4246"
    assert sm2.KeyPair.read((PRIVATE + PUBLIC).hex()).public == PUBLIC
    other, _ = sm2_key_generate()
    for wrong in ((PRIVATE + other).hex(), "00" * 96, PRIVATE.hex(), "no hexadecimal"):
        with pytest.raises(ValueError, match=r"SM2|belong|hexadecimal"):
            sm2.KeyPair.read(wrong)
    with pytest.raises(ValueError, match="SM2"):
        sm2.encrypt("00" * 64, key)
