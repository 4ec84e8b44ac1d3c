"""What all dialects have in common, and the standard's own example."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.dialects import provincial
from gateway.dialects.core import BodyDigest, Request, Signed, sign, verify
from gateway.dialects.http_messages import signature_base
from gateway.dialects.refusals import ClockSkewExceeded, InvalidSignature

NOW = datetime(2021, 11, 9, 8, 49, 20, tzinfo=UTC)
SIGNED = Signed("x-ca", "key", "sha256", b"text", sign(b"new", "sha256", b"text"), NOW)


@pytest.mark.parametrize("late_s", [-90, 0, 90])
def test_a_clock_may_be_ninety_seconds_off(late_s: int) -> None:
    verify(SIGNED, [b"new"], NOW + timedelta(seconds=late_s))


@pytest.mark.parametrize("late_s", [-91, 91])
def test_a_clock_may_not_be_more_than_ninety_seconds_off(late_s: int) -> None:
    with pytest.raises(ClockSkewExceeded):
        verify(SIGNED, [b"new"], NOW + timedelta(seconds=late_s))


def test_either_of_two_secrets_is_good_and_none_is_not() -> None:
    verify(SIGNED, [b"old", b"new"], NOW)
    verify(SIGNED, [b"new", b"old"], NOW)
    for secrets in ([], [b"old"]):
        with pytest.raises(InvalidSignature):
            verify(SIGNED, secrets, NOW)
    with pytest.raises(InvalidSignature):
        verify(replace(SIGNED, algorithm="sm3"), [b"new"], NOW)


@pytest.mark.parametrize("far", ["99999999999999999999 Nov 2021 08:49:20", "09 Nov 99999999999999999999 08:49:20"])
def test_a_date_that_no_calendar_has_is_a_clock_that_is_off(far: str) -> None:
    headers = {provincial.ACCESS_KEY: b"key", provincial.DATE: f"Tue, {far} GMT".encode()}
    with pytest.raises(ClockSkewExceeded):
        provincial.read(Request("GET", b"/", b"", headers))


def test_sm3_is_that_of_the_standard() -> None:
    digest = bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
    assert BodyDigest("sm3", digest).fits(b"abc")
    assert not BodyDigest("sm3", digest).fits(b"abd")


def test_the_base_of_rfc_9421_b_2_5_comes_out_with_its_signature() -> None:
    headers = {
        b"date": b"Tue, 20 Apr 2021 02:07:55 GMT",
        b"host": b"example.com",
        b"content-type": b"application/json",
    }
    request = Request("POST", b"/foo", b"param=Value&Pet=dog", headers)
    params = b'("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    base = signature_base(request, [b"date", b"@authority", b"content-type"], params)
    secret = base64.b64decode(
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
    )
    assert sign(secret, "sha256", base) == b"pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="
