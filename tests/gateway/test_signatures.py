"""The province's signature, byte for byte."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway import signatures
from gateway.signatures import ClockSkewExceeded, InvalidSignature

DATE = b"Tue, 09 Nov 2021 08:49:20 GMT"
NOW = datetime(2021, 11, 9, 8, 49, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "query", "access_key", "secret", "signature"),
    [
        (
            b"/restapi/prod/IC33000020220329000007/uc/sso/access_token",
            b"",
            b"AKDEMO",
            "SKDEMO",
            b"kJqfUQnX4w62i2F1KwkZEektiyFR0RFLnx1isISPPrE=",
        ),
        (
            b"/restapi/prod/IC33000020211105003270/post",
            b"test=123&v=123",
            b"test",
            "tet",
            b"KJJG0L/1ilAOrfHxAsJR67f6oVm38fwREEp9hFnAcis=",
        ),
    ],
)
def test_the_vectors_of_the_guideline_come_out_byte_for_byte(
    path: bytes, query: bytes, access_key: bytes, secret: str, signature: bytes
) -> None:
    text = signatures.signing_string("POST", path, query, access_key, DATE)
    assert signatures.sign(secret, text) == signature


def test_the_signing_string_ends_with_a_line_break() -> None:
    text = signatures.signing_string("post", b"/a", b"b=1&a=2", b"key", DATE)
    assert text == b"POST\n/a\na=2&b=1\nkey\n" + DATE + b"\n"


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        (b"", b""),
        (b"b=2&a=1", b"a=1&b=2"),
        (b"a", b"a="),
        (b"a=", b"a="),
        (b"a=b=c", b"a=b%3Dc"),
        (b"a=1+2", b"a=1%202"),
        (b"a=1%202", b"a=1%202"),
        (b"a=1%2B2", b"a=1%2B2"),
        (b"a=!'()~*-_.", b"a=!'()~*-_."),
        (b"a=%21%27%28%29%7E", b"a=!'()~"),
        (b"a=%2f/:@", b"a=%2F%2F%3A%40"),
        (b"n=%e9%82%bb%E9%87%8C", b"n=%E9%82%BB%E9%87%8C"),
        (b"a=2&a=1", b"a=2&a=1"),
        (b"B=1&a=2&A=3", b"A=3&B=1&a=2"),
        (b"&&a=1&", b"a=1"),
        (b"a=%ff", b"a=%FF"),
    ],
)
def test_a_query_is_decoded_sorted_by_key_and_escaped_as_the_provinces_client_does(
    query: bytes, canonical: bytes
) -> None:
    assert signatures.canonical_query(query) == canonical


def _headers(date: bytes = DATE, **changed: bytes) -> dict[bytes, bytes]:
    text = signatures.signing_string("GET", b"/a", b"", b"key", date)
    signed = {
        signatures.ACCESS_KEY: b"key",
        signatures.ALGORITHM: b"hmac-sha256",
        signatures.DATE: date,
        signatures.SIGNATURE: signatures.sign("secret", text),
    }
    return {**signed, **{b"x-bg-" + name.replace("_", "-").encode(): value for name, value in changed.items()}}


@pytest.mark.parametrize("late_s", [-90, 0, 90])
def test_a_clock_may_be_ninety_seconds_off(late_s: int) -> None:
    now = NOW + timedelta(seconds=late_s)
    signatures.verify("GET", b"/a", b"", _headers(), secret="secret", now=now)


@pytest.mark.parametrize("late_s", [-91, 91])
def test_a_clock_may_not_be_more_than_ninety_seconds_off(late_s: int) -> None:
    now = NOW + timedelta(seconds=late_s)
    with pytest.raises(ClockSkewExceeded):
        signatures.verify("GET", b"/a", b"", _headers(), secret="secret", now=now)


@pytest.mark.parametrize(
    "date",
    [b"", b"yesterday", b"Tue, 09 Nov 2021 08:49:20", b"Tue, 09 Nov 2021 16:49:20 +0800", b"\xff", b"1636447760"],
)
def test_a_date_that_is_not_rfc_1123_in_gmt_counts_as_skew(date: bytes) -> None:
    with pytest.raises(ClockSkewExceeded):
        signatures.verify("GET", b"/a", b"", _headers(date), secret="secret", now=NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"hmac_signature": b""},
        {"hmac_signature": b"AAAA"},
        {"hmac_algorithm": b"hmac-md5"},
        {"hmac_algorithm": b""},
        {"hmac_access_key": b"other"},
        {"date_time": b"Tue, 09 Nov 2021 08:49:21 GMT"},
    ],
)
def test_anything_signed_otherwise_is_an_invalid_signature(changed: dict[str, bytes]) -> None:
    with pytest.raises(InvalidSignature):
        signatures.verify("GET", b"/a", b"", _headers(**changed), secret="secret", now=NOW)


@pytest.mark.parametrize(("method", "path", "query"), [("POST", b"/a", b""), ("GET", b"/b", b""), ("GET", b"/a", b"x")])
def test_method_path_and_query_are_signed(method: str, path: bytes, query: bytes) -> None:
    with pytest.raises(InvalidSignature):
        signatures.verify(method, path, query, _headers(), secret="secret", now=NOW)
