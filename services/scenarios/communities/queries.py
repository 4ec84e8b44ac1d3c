"""Reads about communities, and lists of what a community has published."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.base import Published
from services.scenarios.communities.rules import CommunityUnknown
from shared.pagination import decode_id, encode_cursor

_REGISTERED = text("SELECT EXISTS (SELECT FROM community WHERE community_code = :community_code)")

Thing = TypeVar("Thing", bound=Published)


async def require_registered(session: AsyncSession, community_code: str) -> None:
    """Refuse unless the community takes part.

    Raises:
        CommunityUnknown: It does not.
    """
    if not await session.scalar(_REGISTERED, {"community_code": community_code}):
        raise CommunityUnknown(community_code=community_code)


async def list_published(
    session: AsyncSession, table: type[Thing], community_code: str, cursor: str | None, page_size: int
) -> tuple[Sequence[Thing], str | None]:
    """Return a page of a community's things, oldest first, and the cursor of the next page.

    Raises:
        BadCursor: The cursor is not one of such a list.
    """
    query = select(table).where(table.community_code == community_code).order_by(table.id).limit(page_size + 1)
    found = (await session.scalars(query.where(table.id > decode_id(cursor)) if cursor else query)).all()
    page = found[:page_size]
    return page, encode_cursor(str(page[-1].id)) if len(found) > page_size else None
