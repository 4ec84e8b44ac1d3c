"""Lists in pages: an opaque cursor over the columns that order the list, so that each page costs the same."""

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from shared.errors import Inadmissible

PAGE_SIZE_MAX = 200
INTEGER_MAX = 2**63 - 1

Item = TypeVar("Item")

PageSize = Annotated[int, Query(ge=1, le=PAGE_SIZE_MAX, description="每页条数 / items per page")]
Cursor = Annotated[str | None, Query(description="上一页返回的 next_cursor / next_cursor of the page before")]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = None


@dataclass(kw_only=True, eq=False)
class BadCursor(Inadmissible):
    """The cursor is not one that this list gave out."""

    type = "bad-cursor"
    title = "分页游标无效"
    title_en = "Bad cursor"
    detail = "请使用上一页返回的 next_cursor，或不带游标从第一页开始。"
    detail_en = "Use next_cursor of the page before, or leave it out to start at the first page."


def encode_cursor(*position: str | int) -> str:
    """Return the cursor that stands for the position of the last item of a page."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> Sequence[str | int]:
    """Return the position in a cursor, whose parts must be of these types.

    Raises:
        BadCursor: It is not a cursor of this list.
    """
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise BadCursor from error
    if not isinstance(position, list) or [type(part) for part in position] != list(kinds):
        raise BadCursor
    if not all(map(_is_storable, position)):
        raise BadCursor
    return position


def _is_storable(part: str | int) -> bool:
    """Tell whether the store could have given it out: an integer of 64 bits, or text that it can hold."""
    return -INTEGER_MAX <= part <= INTEGER_MAX if isinstance(part, int) else part.isprintable()


def decode_id(cursor: str) -> uuid.UUID:
    """Return the id in a cursor of a list that is ordered by id.

    Raises:
        BadCursor: It is not a cursor of such a list.
    """
    try:
        return uuid.UUID(str(decode_cursor(cursor, str)[0]))
    except ValueError as error:
        raise BadCursor from error
