"""The client: signed calls through a real gateway, each done once whatever becomes of its answer, lists by pages."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from clients.sdk import linli as sdk
from clients.sdk.linli import Answer, Linli, Refused
from tests.gateway.knock import Door, Upstream
from tests.gateway.ruling import DEEDS, FREE, application, put, secret_of
from tests.shape.tree import ROOT

DEEDS_PATH, FREE_PATH = DEEDS.split(" ")[1], FREE.split(" ")[1]
LINES_MAX = 300


class Wire:
    """Answers as told, and remembers what was sent."""

    def __init__(self, *answers: Answer | OSError) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Carry one call."""
        self.sent.append((method, target, headers, body))
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer


def _answer(told: Any, status: int = 200, **headers: str) -> Answer:  # noqa: ANN401 - JSON
    return status, headers, json.dumps(told).encode()


def _client(wire: Wire, dialect: str = "rfc9421-sm3") -> Linli:
    return Linli("https://linli.example", "bins", "secret", dialect, wire.send, pause_s=0.0)


@pytest.mark.parametrize("dialect", ["rfc9421-sha256", "rfc9421-sm3", "x-bg-hmac"])
async def test_the_gateway_takes_what_the_client_signs(ruled: Door, upstream: Upstream, dialect: str) -> None:
    await put(ruled, "application", "bins-2", application(dialects=[dialect]))
    client = Linli(str(ruled.http.base_url), "bins-2", await secret_of(ruled, "bins-2"), dialect)
    assert await asyncio.to_thread(client.get, FREE_PATH, a="邻 里/+&=~", b=2) == {"ok": True}
    assert await asyncio.to_thread(client.post, DEEDS_PATH, {"note": "一件好事"}, key="a-key-of-mine") == {"ok": True}
    assert await asyncio.to_thread(client.post, DEEDS_PATH) == {"ok": True}
    assert [seen.headers.get("idempotency-key") for seen in upstream.seen][:2] == [None, "a-key-of-mine"]
    assert json.loads(upstream.seen[1].body) == {"note": "一件好事"}
    with pytest.raises(Refused) as refusal:
        await asyncio.to_thread(client.get, "/v1/points/integrity")
    assert (refusal.value.status, bool(refusal.value.detail)) == (401, True)
    stranger = Linli(str(ruled.http.base_url), "bins-2", "another", dialect)
    with pytest.raises(Refused):
        await asyncio.to_thread(stranger.get, FREE_PATH)


def test_what_got_no_answer_is_sent_again_under_the_same_key_with_another_nonce() -> None:
    wire = Wire(ConnectionResetError(), _answer({}, 503), _answer({}, 429, **{"retry-after": "0"}), _answer({"a": 1}))
    assert _client(wire).post("/v1/points/deeds", {"b": 2}) == {"a": 1}
    headers = [each[2] for each in wire.sent]
    assert len({each["Idempotency-Key"] for each in headers}) == 1
    assert len({each["Signature-Input"] for each in headers}) == sdk.ATTEMPTS
    assert {each[3] for each in wire.sent} == {b'{"b": 2}'}


def test_what_is_refused_is_not_sent_again_and_says_why() -> None:
    problem = {"type": "https://linli.example/problems/over-limit", "detail": "超过限额", "detail_en": "Over"}
    wire = Wire(_answer(problem, 409), _answer({}, 409), (502, {}, b"<html>"))
    with pytest.raises(Refused, match="409 over-limit: 超过限额 Over"):
        _client(wire).post("/v1/points/deeds", {})
    assert len(wire.sent) == 1
    wire = Wire(*[(502, {}, b"<html>")] * sdk.ATTEMPTS)
    with pytest.raises(Refused, match="502"):
        _client(wire).get("/v1/points/corridors")
    wire = Wire(*[ConnectionResetError()] * sdk.ATTEMPTS)
    with pytest.raises(ConnectionResetError):
        _client(wire).get("/v1/points/corridors")
    wire = Wire((401, {}, b'{"message": "Invalid signature"}'))
    with pytest.raises(Refused, match="Invalid signature"):
        _client(wire, "x-bg-hmac").get("/v1/points/corridors")


def test_a_wait_is_as_long_as_the_platform_says_within_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("clients.sdk.linli.time.sleep", waited.append)
    told = [_answer({}, 429, **{"retry-after": text}) for text in ("7", "86400", "soon")]
    _client(Wire(*told, _answer({}))).get("/v1/points/corridors")
    assert waited == [7.0, sdk.RETRY_AFTER_MAX_S, 0.0]


def test_a_list_comes_page_by_page_and_only_as_far_as_it_is_read() -> None:
    pages = [_answer({"items": [1, 2], "next_cursor": "c1"}), _answer({"items": [], "next_cursor": "c2"})]
    wire = Wire(*pages, _answer({"items": [3], "next_cursor": None}))
    items = _client(wire).pages("/v1/scenarios/spaces", page_size=2)
    assert (next(items), len(wire.sent)) == (1, 1)
    assert list(items) == [2, 3]
    path = "/v1/scenarios/spaces?page_size=2"
    assert [each[1] for each in wire.sent] == [path, f"{path}&cursor=c1", f"{path}&cursor=c2"]


def test_the_client_is_short() -> None:
    assert len((ROOT / "clients/sdk/linli.py").read_text("utf-8").splitlines()) < LINES_MAX
