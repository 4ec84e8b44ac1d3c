"""The tree and the chain, in themselves."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.proof.rules import (
    BACKDATING_MAX,
    GENESIS,
    BrokenSealError,
    SealingKey,
    canonical,
    check_window,
    close_window,
    is_signed,
    leaf_hash,
    linked,
    merkle_path,
    merkle_root,
    timestamp,
)
from tests.points.proof.ground import KEY, NOW, new_private_key
from verifier.merkle import root_from_path

CODE = "330102001051"
SIZES = st.integers(1, 130)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"record %d" % n) for n in range(count)]


def rfc6962(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + rfc6962(hashes[:split]) + rfc6962(hashes[split:])).digest()


@given(SIZES)
def test_the_root_is_that_of_rfc_6962(count: int) -> None:
    assert merkle_root(leaves(count)) == rfc6962(leaves(count))


def test_leaf_node_and_link_are_hashed_apart() -> None:
    a, b = leaves(2)
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()
    assert merkle_root([a, b]) == hashlib.sha256(b"\x01" + a + b).digest()
    assert linked(GENESIS, [a, b]) == hashlib.sha256(b"\x02" + linked(GENESIS, [a]) + b).digest()
    assert linked(GENESIS, [a]) == hashlib.sha256(b"\x02" + bytes(32) + a).digest()
    assert linked(a, []) == a


@given(SIZES)
def test_every_leaf_of_every_size_proves_and_no_other_does(count: int) -> None:
    hashes = leaves(count)
    root = merkle_root(hashes)
    for index, leaf in enumerate(hashes):
        path = merkle_path(hashes, index)
        assert root_from_path(leaf, index, count, path) == root
        assert root_from_path(leaf_hash(b"another"), index, count, path) != root
        if count > 1:
            assert root_from_path(leaf, (index + 1) % count, count, path) != root


@given(SIZES, st.data())
def test_a_bit_flipped_in_a_path_proves_nothing(count: int, data: st.DataObject) -> None:
    hashes = leaves(count + 1)
    index = data.draw(st.integers(0, count))
    path = merkle_path(hashes, index)
    place = data.draw(st.integers(0, len(path) - 1))
    byte, bit = data.draw(st.integers(0, 31)), data.draw(st.integers(0, 7))
    flipped = bytearray(path[place])
    flipped[byte] ^= 1 << bit
    path[place] = bytes(flipped)
    assert root_from_path(hashes[index], index, count + 1, path) != merkle_root(hashes)


def test_a_record_has_one_spelling() -> None:
    assert canonical({"b": 1, "a": "清波门", "c": [None, {"y": 2, "x": -1}]}) == (
        '{"a":"清波门","b":1,"c":[null,{"x":-1,"y":2}]}'.encode()
    )
    there = datetime(2026, 6, 15, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    assert timestamp(there) == "2026-06-15T04:00:00.000005+00:00"
    assert timestamp(NOW) == "2026-06-15T04:00:00.000000+00:00"


def test_a_window_follows_the_one_before_it() -> None:
    first = close_window(None, CODE, [b"a", b"b"], NOW)
    assert (first.number, first.first, first.count, first.previous) == (1, 1, 2, GENESIS)
    assert first.head == linked(GENESIS, [leaf_hash(b"a"), leaf_hash(b"b")])
    assert first.root == merkle_root([leaf_hash(b"a"), leaf_hash(b"b")])
    assert (first.up_to, first.sealed_at) == (NOW - BACKDATING_MAX, NOW)
    second = close_window(first, CODE, [b"c"], NOW + timedelta(days=1))
    assert (second.number, second.first, second.count, second.previous) == (2, 3, 1, first.head)
    assert second.head == linked(first.head, [leaf_hash(b"c")])
    assert second.up_to == NOW - BACKDATING_MAX + timedelta(days=1)
    check_window(None, first, [b"a", b"b"])
    check_window(first, second, [b"c"])


def test_what_is_sealed_stays_sealed_when_the_clock_goes_back() -> None:
    first = close_window(None, CODE, [b"a"], NOW)
    second = close_window(first, CODE, [b"b"], NOW - timedelta(days=1))
    assert second.up_to == first.up_to


def test_a_statement_says_everything_about_its_window() -> None:
    window = close_window(None, CODE, [b"a"], NOW)
    assert window.statement() == canonical(
        {
            "type": "seal",
            "version": 1,
            "community_code": CODE,
            "number": 1,
            "first": 1,
            "count": 1,
            "previous": "00" * 32,
            "head": window.head.hex(),
            "root": window.root.hex(),
            "up_to": "2026-06-08T04:00:00.000000+00:00",
            "sealed_at": "2026-06-15T04:00:00.000000+00:00",
        }
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"number": 2}, "number"),
        ({"first": 2}, "first"),
        ({"count": 1}, "count"),
        ({"previous": b"p" * 32}, "previous"),
        ({"head": b"h" * 32}, "head"),
        ({"root": b"r" * 32}, "root"),
        ({"up_to": NOW}, "up_to"),
    ],
)
def test_a_window_that_says_something_else_is_named_with_what_it_says(change: dict[str, object], named: str) -> None:
    window = replace(close_window(None, CODE, [b"a", b"b"], NOW), **change)  # type: ignore[arg-type]
    with pytest.raises(BrokenSealError, match=rf"^window {window.number}: {named}$"):
        check_window(None, window, [b"a", b"b"])


def test_a_window_whose_records_are_gone_is_broken() -> None:
    with pytest.raises(BrokenSealError, match=r"^window 1: no records$"):
        check_window(None, close_window(None, CODE, [b"a"], NOW), [])


def test_a_signature_holds_for_its_statement_and_key_alone() -> None:
    signature = KEY.sign(b"statement")
    assert is_signed(b"statement", signature, KEY.public)
    assert not is_signed(b"another", signature, KEY.public)
    assert not is_signed(b"statement", signature, SealingKey(new_private_key()).public)
    assert not is_signed(b"statement", signature[:-1], KEY.public)


def test_a_seal_takes_a_key_of_the_right_kind() -> None:
    from cryptography.hazmat.primitives import serialization as s  # noqa: PLC0415 - of this test alone
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - the same

    other = Ed25519PrivateKey.generate()
    private = other.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode()
    public = other.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(TypeError, match="elliptic-curve"):
        SealingKey(private)
    assert not is_signed(b"statement", KEY.sign(b"statement"), public)


def test_times_are_told_in_utc() -> None:
    assert timestamp(datetime(2026, 1, 1, tzinfo=UTC)).endswith("+00:00")
