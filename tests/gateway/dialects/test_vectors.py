"""Each dialect against its file of vectors: what was sent, and the exact string that was signed or the refusal."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway import framing
from gateway.dialects.core import Request, verify
from gateway.dialects.known import spoken
from shared.errors import Refusal

FOLDER = Path(__file__).parents[1] / "vectors"
NOW = datetime(2021, 11, 9, 8, 49, 20, tzinfo=UTC)
CANONICALISATION_ROWS_MIN = 40
DIALECTS = ("x-bg-hmac", "x-hmac-auth", "x-ca", "rfc9421-sha256", "rfc9421-sm3")
Row = dict[str, Any]


def rows(dialect: str) -> list[Row]:
    """Read a dialect's file."""
    read: list[Row] = json.loads((FOLDER / f"{dialect}.json").read_text(encoding="utf-8"))
    return read


def text_of(row: Row) -> bytes:
    """Return the string that is signed."""
    text: str = row.get("text_latin1") or row["text"]
    return text.encode("latin-1" if "text_latin1" in row else "utf-8")


def _taken(row: Row) -> bytes:
    """Take a call as the door does; returns the string to sign."""
    headers = [(name.encode(), value.encode()) for name, value in row["headers"].items()]
    headers += [(name.encode(), b"x") for name in [row.get("twice")] if name]
    scope = {"raw_path": row["path"].encode(), "query_string": row["query"].encode(), "headers": headers}
    received = framing.check(scope)
    [read] = spoken(received)
    signed = read(Request(row["method"], scope["raw_path"], scope["query_string"], received))
    verify(signed, [row.get("secret", "SKDEMO").encode()], NOW)
    if signed.body_digest and not signed.body_digest.fits(row.get("body", "").encode()):
        return b"body-does-not-fit"
    return signed.text


def _outcome(row: Row) -> bytes:
    try:
        return _taken(row)
    except Refusal as refusal:
        return refusal.type.encode()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_row_of_its_file_comes_out_byte_for_byte(dialect: str) -> None:
    for row in rows(dialect):
        expected = row["refused"].encode() if "refused" in row else text_of(row)
        assert (row["name"], _outcome(row)) == (row["name"], expected)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_file_holds_enough_of_what_clients_send(dialect: str) -> None:
    queries = {row["query"] for row in rows(dialect)}
    assert len(queries) >= CANONICALISATION_ROWS_MIN
    names = [row["name"] for row in rows(dialect)]
    assert len([name for name in names if name.startswith("the door refuses")]) == 8
    refused = {row.get("refused") for row in rows(dialect)}
    assert refused >= {None, "invalid-signature", "invalid-access-key", "clock-skew-exceeded", "malformed-call"}
