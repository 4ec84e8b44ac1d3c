"""The cases of W3C's own test suite for trace context (w3c/trace-context, test/test.py, strict level 2).

The suite itself wants a service that calls back on demand, which a gateway is not: its cases are written out here. What
goes on to the service stands for what the suite's harness gets back.
"""

import asyncio
import re
import string

import pytest

from tests.gateway.knock import Door, Upstream

TRACE, PARENT = "12345678901234567890123456789012", "1234567890123456"
GOOD = f"00-{TRACE}-{PARENT}-01"
ME = "/v1/points/accounts/me"
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

CONTINUED = {
    "as it should be": GOOD,
    "not sampled": f"00-{TRACE}-{PARENT}-00",
    "a later version": f"cc-{TRACE}-{PARENT}-01",
    "a later version with more fields": f"cc-{TRACE}-{PARENT}-01-what-the-future-will-be-like",
    "a blank before": f" {GOOD}",
    "a tab before": f"\t{GOOD}",
    "a blank after": f"{GOOD} ",
    "a tab after": f"{GOOD}\t",
    "blanks around": f"\t {GOOD} \t",
}
BEGUN_ANEW = {
    "a dot after": f"{GOOD}.",
    "version 00 with more fields": f"{GOOD}-what-the-future-will-be-like",
    "a later version and no dash": f"cc-{TRACE}-{PARENT}-01.what-the-future-will-be-like",
    "version ff": f"ff-{TRACE}-{PARENT}-01",
    "version illegal 1": f".0-{TRACE}-{PARENT}-01",
    "version illegal 2": f"0.-{TRACE}-{PARENT}-01",
    "version of 3": f"000-{TRACE}-{PARENT}-01",
    "version of 4": f"0000-{TRACE}-{PARENT}-01",
    "version of 1": f"0-{TRACE}-{PARENT}-01",
    "trace id zero": f"00-{'0' * 32}-{PARENT}-01",
    "trace id illegal 1": f"00-.{TRACE[1:]}-{PARENT}-01",
    "trace id illegal 2": f"00-{TRACE[:-1]}.-{PARENT}-01",
    "trace id too long": f"00-{TRACE}3-{PARENT}-01",
    "trace id too short": f"00-{TRACE[:-1]}-{PARENT}-01",
    "parent id zero": f"00-{TRACE}-{'0' * 16}-01",
    "parent id illegal 1": f"00-{TRACE}-.{PARENT[1:]}-01",
    "parent id illegal 2": f"00-{TRACE}-{PARENT[:-1]}.-01",
    "parent id too long": f"00-{TRACE}-{PARENT}7-01",
    "parent id too short": f"00-{TRACE}-{PARENT[:-1]}-01",
    "flags illegal 1": f"00-{TRACE}-{PARENT}-.0",
    "flags illegal 2": f"00-{TRACE}-{PARENT}-0.",
    "flags too long": f"00-{TRACE}-{PARENT}-001",
    "flags too short": f"00-{TRACE}-{PARENT}-1",
    "upper case": GOOD.replace("12", "AB"),
}
KEY = f"{string.ascii_lowercase}{string.digits}_-*/"
VALUE = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) not in ",=")
_BARS = [f"bar{n:02}={n:02}" for n in range(1, 34)]

INHERITED: dict[str, tuple[list[str], str]] = {
    "two members": (["foo=1,bar=2"], "foo=1,bar=2"),
    "headers after another": (["foo=1,bar=2", "rojo=1,congo=2", "baz=3"], "foo=1,bar=2,rojo=1,congo=2,baz=3"),
    "an empty header": ([""], ""),
    "an empty header after": (["foo=1", ""], "foo=1"),
    "an empty header before": (["", "foo=1"], "foo=1"),
    "all characters": ([f"{KEY}={VALUE}"], f"{KEY}={VALUE}"),
    "all characters, of a tenant": ([f"{KEY}@a-z0-9_-*/={VALUE}"], f"{KEY}@a-z0-9_-*/={VALUE}"),
    "blanks between": (["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
    "tabs between": (["foo=1\t \t,\t \tbar=2,\t \tbaz=3"], "foo=1,bar=2,baz=3"),
    "blanks around": (["\t foo=1 \t"], "foo=1"),
    "32 members": ([",".join(_BARS[:20]), ",".join(_BARS[20:32])], ",".join(_BARS[:32])),
    "a key of 256": (["foo=1", f"{'z' * 256}=1"], f"foo=1,{'z' * 256}=1"),
    "a tenant of 241 and a vendor of 14": (
        ["foo=1", f"{'t' * 241}@{'v' * 14}=1"],
        f"foo=1,{'t' * 241}@{'v' * 14}=1",
    ),
}
DISCARDED = {
    "the same twice": ["foo=1,foo=1"],
    "the same key twice": ["foo=1,foo=2"],
    "the same in two headers": ["foo=1", "foo=1"],
    "the same key in two headers": ["foo=1", "foo=2"],
    "a blank in the key": ["foo =1"],
    "upper case": ["FOO=1"],
    "a dot": ["foo.bar=1"],
    "no vendor": ["foo@=1,bar=2"],
    "no tenant": ["@foo=1,bar=2"],
    "two at signs": ["foo@@bar=1,bar=2"],
    "three parts": ["foo@bar@baz=1,bar=2"],
    "33 members": [",".join(_BARS[:20]), ",".join(_BARS[20:33])],
    "a key of 257": ["foo=1", f"{'z' * 257}=1"],
    "a tenant of 242": ["foo=1", f"{'t' * 242}@v=1"],
    "a vendor of 15": ["foo=1", f"t@{'v' * 15}=1"],
    "an equals sign in the value": ["foo=bar=baz"],
    "no value": ["foo=,bar=3"],
}


async def _onward(door: Door, upstream: Upstream, *headers: tuple[str, str]) -> dict[str, str]:
    """Call with headers, byte for byte, and return those that went on."""
    url = door.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = [f"{name}: {value}\r\n" for name, value in (*door.bearer().items(), *headers)]
    writer.write(f"GET {ME} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{''.join(lines)}\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    return upstream.seen[-1].headers


@pytest.mark.proves("G20")
async def test_a_trace_goes_on_with_a_span_of_our_own_or_begins_anew(door: Door, upstream: Upstream) -> None:
    for case, given in CONTINUED.items():
        passed = (await _onward(door, upstream, ("traceparent", given)))["traceparent"]
        assert (TRACEPARENT.fullmatch(passed) is not None, passed.split("-")[1], case) == (True, TRACE, case)
        assert passed.split("-")[2] != PARENT
    for case, given in BEGUN_ANEW.items():
        passed = (await _onward(door, upstream, ("traceparent", given)))["traceparent"]
        assert (TRACEPARENT.fullmatch(passed) is not None, case) == (True, case)
        assert (passed.split("-")[1] in given or TRACE[:30] in passed, case) == (False, case)


@pytest.mark.proves("G20")
async def test_headers_are_known_by_their_name_in_any_case_and_a_trace_told_twice_is_none(
    door: Door, upstream: Upstream
) -> None:
    for name in ("TraceParent", "TrAcEpArEnT", "TRACEPARENT"):
        assert TRACE in (await _onward(door, upstream, (name, GOOD)))["traceparent"]
    for name in ("trace-parent", "trace.parent"):
        assert TRACE not in (await _onward(door, upstream, (name, GOOD)))["traceparent"]
    for name in ("TraceState", "TrAcEsTaTe", "TRACESTATE"):
        assert (await _onward(door, upstream, ("traceparent", GOOD), (name, "foo=1")))["tracestate"] == "foo=1"
    for name in ("trace-state", "trace.state"):
        assert "tracestate" not in await _onward(door, upstream, ("traceparent", GOOD), (name, "foo=1"))
    other = GOOD.replace("9012-", "9011-", 1)
    passed = (await _onward(door, upstream, ("traceparent", other), ("traceparent", GOOD)))["traceparent"]
    assert passed.split("-")[1] not in {TRACE, other.split("-")[1]}
    assert TRACEPARENT.fullmatch((await _onward(door, upstream))["traceparent"])


@pytest.mark.proves("G20")
async def test_a_tracestate_goes_on_whole_or_not_at_all(door: Door, upstream: Upstream) -> None:
    for case, (given, wanted) in INHERITED.items():
        passed = await _onward(door, upstream, ("traceparent", GOOD), *(("tracestate", each) for each in given))
        assert (passed["traceparent"].split("-")[1], passed.get("tracestate", ""), case) == (TRACE, wanted, case)
    for case, given in DISCARDED.items():
        passed = await _onward(door, upstream, ("traceparent", GOOD), *(("tracestate", each) for each in given))
        assert (passed["traceparent"].split("-")[1], passed.get("tracestate"), case) == (TRACE, None, case)
    for alone in ("foo=1", "foo=1,bar=2"):
        assert "tracestate" not in await _onward(door, upstream, ("tracestate", alone))


@pytest.mark.proves("G20")
async def test_each_of_several_calls_in_one_trace_is_a_span_of_its_own(door: Door, upstream: Upstream) -> None:
    illegal = f"00-{'0' * 32}-{PARENT}-01"
    for headers in ([("traceparent", GOOD)], [], [("traceparent", illegal)]):
        spans = {(await _onward(door, upstream, *headers))["traceparent"].split("-")[2] for _ in range(3)}
        assert len(spans) == 3
