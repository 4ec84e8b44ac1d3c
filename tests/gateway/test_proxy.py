"""The way through: what passes, what does not, and what happens when a side breaks off."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway import routes
from gateway.framing import BODY_MAX_BYTES
from gateway.main import create_app
from tests.gateway.knock import OFFICIAL, PERMISSIVE_ANSWER, Door, StartGateway, Upstream, served


async def test_a_call_goes_through_and_its_answer_comes_back(door: Door, upstream: Upstream) -> None:
    answer = await door.http.post("/v1/points/quotes?a=1&b=%E4%BD%A0", headers=door.write(), content=b'{"x":1}')
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert "linli-inner" not in answer.headers
    assert "server" not in answer.headers
    assert answer.headers["ratelimit"].startswith('"write";r=')
    [seen] = upstream.seen
    assert (seen.method, seen.path, seen.query, seen.body) == ("POST", "/quotes", "a=1&b=%E4%BD%A0", b'{"x":1}')


async def test_internal_hop_by_hop_and_forwarded_headers_do_not_pass(door: Door, upstream: Upstream) -> None:
    forged = {
        "Linli-Identity": "forged",
        "Linli-Deadline-Ms": "999999",
        "X-Forwarded-For": "10.0.0.1",
        "Forwarded": "for=10.0.0.1",
        "X-Real-IP": "10.0.0.1",
        "Proxy-Authorization": "Basic eDp5",
        "TE": "trailers",
        "Cookie": "a=b",
        "X-Http-Method-Override": "DELETE",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "Accept-Language": "zh-CN",
    }
    await door.http.get("/v1/points/accounts/me", headers={**door.bearer(), **forged})
    [seen] = upstream.seen
    assert set(seen.headers) == {
        *("host", "accept", "accept-encoding", "accept-language", "user-agent"),
        *("linli-identity", "linli-deadline-ms", "traceparent"),
    }
    assert seen.headers["linli-identity"].count(".") == 2
    assert int(seen.headers["linli-deadline-ms"]) <= 10_000
    assert seen.headers["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert "b7ad6b7169203331" not in seen.headers["traceparent"]


async def test_an_answer_is_streamed_as_it_comes(door: Door, upstream: Upstream) -> None:
    async with door.http.stream("GET", "/v1/points/accounts/me?do=stream", headers=door.bearer()) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"first"
        upstream.go_on.set()
        assert b"".join([piece async for piece in pieces]) == b"second"
    assert door.audit()[-1]["outcome"] == "answered"


async def test_a_body_in_pieces_is_streamed_on_whole(door: Door, upstream: Upstream) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 10_000
            await asyncio.sleep(0)

    answer = await door.http.post("/v1/points/quotes", headers=door.write(), content=pieces())
    assert answer.status_code == 200
    assert upstream.seen[0].body == b"x" * 100_000


async def test_a_redirect_is_passed_back_and_not_followed(door: Door) -> None:
    answer = await door.http.get("/v1/points/accounts/me?do=redirect", headers=door.bearer())
    assert (answer.status_code, answer.headers["location"]) == (302, "http://elsewhere.test/")


async def test_a_service_that_is_away_is_a_503_that_says_when_to_retry(start_gateway: StartGateway) -> None:
    door = await start_gateway({"points": "http://127.0.0.1:1"})
    answer = await door.http.post("/v1/points/quotes", headers=door.write(), content=b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["service"] == "points"


class _Breaking:
    """A service that answers its first call on each connection, if told to, and dies in the middle of the next."""

    def __init__(self, *, healthy: int) -> None:
        self._healthy = healthy
        self.calls: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(65_536):
            if head.startswith(b"GET /openapi.json "):
                writer.write(PERMISSIVE_ANSWER)
                continue
            self.calls.append(head.split(b" ")[0])
            if len(self.calls) > self._healthy:
                break
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        writer.close()


async def test_a_write_whose_service_dies_in_the_middle_is_never_sent_again(start_gateway: StartGateway) -> None:
    breaking = _Breaking(healthy=1)
    async with await asyncio.start_server(breaking, "127.0.0.1", 0) as server:
        door = await start_gateway({"points": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"})
        assert (await door.http.post("/v1/points/quotes", headers=door.write())).status_code == 200
        answer = await door.http.post("/v1/points/quotes", headers=door.write())
        assert (answer.status_code, answer.headers["retry-after"]) == (502, "1")
        assert answer.json()["type"].endswith("/service-broke")
    assert breaking.calls == [b"POST", b"POST"]
    assert [record["status"] for record in door.audit()] == [200, 502]


async def test_a_read_that_meets_a_closing_connection_is_sent_once_more_and_no_oftener(
    start_gateway: StartGateway,
) -> None:
    breaking = _Breaking(healthy=1)
    async with await asyncio.start_server(breaking, "127.0.0.1", 0) as server:
        door = await start_gateway({"points": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"})
        answers = [await door.http.get("/v1/points/accounts/me", headers=door.bearer()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 502]
    assert breaking.calls == [b"GET"] * 3


async def test_an_answer_that_breaks_off_does_not_look_whole(door: Door) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await door.http.get("/v1/points/accounts/me?do=cut", headers=door.bearer())
    assert door.audit()[-1]["outcome"] == "service-broke"


async def test_a_service_that_is_late_is_a_504_and_the_others_are_served_meanwhile(
    upstream: Upstream, start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = [routes.Route(r.method, r.service, r.path, r.roles, r.limit, timeout_s=0.3) for r in routes.ROUTES]
    monkeypatch.setattr("gateway.main.ROUTES", hurried)
    async with served(upstream) as url:
        door = await start_gateway({"points": url})
        late, other = await asyncio.gather(
            door.http.post("/v1/points/quotes?do=wait", headers=door.write()),
            door.http.get("/v1/points/accounts/me", headers=door.bearer()),
        )
        assert (late.status_code, other.status_code) == (504, 200)
        assert late.json()["type"].endswith("/deadline-exceeded")
        assert late.headers["retry-after"] == "1"
        # The abandoned call does not hold its connection for ever.
        await asyncio.wait_for(upstream.left.wait(), 5)


async def test_when_the_caller_goes_the_streaming_service_is_told(door: Door, upstream: Upstream) -> None:
    async with door.http.stream("GET", "/v1/points/accounts/me?do=drip", headers=door.bearer()) as answer:
        assert await anext(answer.aiter_raw()) == b"first"
    await asyncio.wait_for(upstream.left.wait(), 5)
    assert (door.audit()[-1]["status"], door.audit()[-1]["outcome"]) == (499, "caller-gone")


async def test_when_the_caller_goes_before_the_answer_the_gateway_gives_up_at_once(
    door: Door, upstream: Upstream
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await door.http.get("/v1/points/accounts/me?do=wait", headers=door.bearer(), timeout=0.3)
    while not door.audit():  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(0.01)
    assert (door.audit()[-1]["status"], door.audit()[-1]["outcome"]) == (499, "caller-gone")
    assert len(upstream.seen) == 1


async def test_a_body_beyond_the_limit_is_refused_declared_or_not(door: Door, upstream: Upstream) -> None:
    async def undeclared() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * (BODY_MAX_BYTES // 16)

    declared = await door.http.post("/v1/points/quotes", headers=door.write(), content=b"x" * (BODY_MAX_BYTES + 1))
    streamed = await door.http.post("/v1/points/quotes", headers=door.write(), content=undeclared())
    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert upstream.seen == []


@pytest.mark.parametrize(
    "target",
    [
        "/v1/points/../operations/providers",
        "/v1/points/./quotes",
        "/v1/points//quotes",
        "/v1/points/redemptions/a%2Fb",
        "/v1/points/redemptions/%2e%2e",
        "/v1/points/redemptions/a\\b",
        "/v1/points/quotes/",
    ],
)
async def test_a_path_not_in_normal_form_is_refused(door: Door, upstream: Upstream, target: str) -> None:
    answer = await _raw(door, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404"))
    assert upstream.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Idempotency-Key: aaaaaaaa\r\nIdempotency-Key: bbbbbbbb",
        "Authorization: Bearer a\r\nAuthorization: Bearer b",
        "Host: y",
        "X-Big: " + "x" * 17_000,
    ],
)
async def test_a_call_that_can_be_read_in_two_ways_is_refused(door: Door, upstream: Upstream, headers: str) -> None:
    answer = await _raw(door, f"POST /v1/points/quotes HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
    assert upstream.seen == []


async def test_a_url_that_is_too_long_is_refused(door: Door) -> None:
    assert (await door.http.get("/v1/points/corridors?a=" + "x" * 5000)).status_code == 414


async def _raw(door: Door, text: str) -> bytes:
    reader, writer = await asyncio.open_connection(door.http.base_url.host, door.http.base_url.port)
    writer.write(text.encode())
    answer = await asyncio.wait_for(reader.read(65_536), 5)
    writer.close()
    return answer


async def test_writes_stop_while_no_record_can_be_written_and_reads_go_on(
    door: Door, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("gateway.audit.os.write", full)
        assert (await door.http.get("/v1/points/accounts/me", headers=door.bearer())).status_code == 200
        refused = await door.http.post("/v1/points/quotes", headers=door.write())
        assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (503, "audit-away")
    assert len(upstream.seen) == 1
    assert (await door.http.get("/v1/points/accounts/me", headers=door.bearer())).status_code == 200
    assert (await door.http.post("/v1/points/quotes", headers=door.write())).status_code == 200


def test_the_gateway_does_not_start_without_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_AUDIT_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="identity_private_key"):
        create_app()


async def test_roles_open_routes_and_nothing_else_does(door: Door, upstream: Upstream) -> None:
    refused = await door.http.get("/v1/points/integrity", headers=door.bearer())
    assert (refused.status_code, refused.json()["roles"]) == (403, "auditor、official")
    allowed = await door.http.get("/v1/points/integrity", headers=door.bearer(OFFICIAL))
    assert (allowed.status_code, len(upstream.seen)) == (200, 1)
