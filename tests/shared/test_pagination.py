"""A cursor is what a list gave out, and nothing that a stranger makes up breaks the store."""

import base64
import json

import pytest

from shared.pagination import BadCursor, decode_cursor, encode_cursor


def test_a_cursor_is_read_as_it_was_written() -> None:
    position = ("330102001051", -(2**63) + 1, 2**63 - 1)
    assert tuple(decode_cursor(encode_cursor(*position), str, int, int)) == position


@pytest.mark.parametrize("part", [2**63, -(10**30), "a\0", "\ud800", True, 1.5, None, [], "[" * 200_000])
def test_what_no_store_holds_is_no_cursor(part: object) -> None:
    text = part if isinstance(part, str) and part.startswith("[") else json.dumps([part])
    made_up = base64.urlsafe_b64encode(text.encode()).decode()
    for kind in (int, str):
        with pytest.raises(BadCursor):
            decode_cursor(made_up, kind)
