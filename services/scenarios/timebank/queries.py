"""Reads about the time bank."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.timebank.rules import HelpUnseen, Parties
from services.scenarios.timebank.tables import HelpPost, HelpStep, HelpVisit
from shared.identity import Identity
from shared.pagination import decode_id, encode_cursor


def parties(visit: HelpVisit) -> Parties:
    """Return who a visit is between."""
    return Parties(visit.giver_id, visit.receiver_id, visit.payer_id)


async def lock_post(session: AsyncSession, post_id: uuid.UUID) -> HelpPost:
    """Return a request or offer, locked until the transaction ends.

    Raises:
        HelpUnseen: There is none.
    """
    found = await session.scalar(
        select(HelpPost).where(HelpPost.id == post_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise HelpUnseen(help_id=str(post_id))
    return found


async def lock_visit(session: AsyncSession, visit_id: uuid.UUID) -> HelpVisit:
    """Return a visit, locked until the transaction ends.

    Raises:
        HelpUnseen: There is none.
    """
    found = await session.scalar(
        select(HelpVisit).where(HelpVisit.id == visit_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise HelpUnseen(help_id=str(visit_id))
    return found


async def find_visit(session: AsyncSession, visit_id: uuid.UUID, who: Identity) -> HelpVisit:
    """Return a visit as its parties and staff see it.

    Raises:
        HelpUnseen: There is none, or the caller is neither.
    """
    found = await session.scalar(select(HelpVisit).where(HelpVisit.id == visit_id))
    if found is None or not (who.subject in parties(found).subjects() or who.holds(found.community_code, *STAFF_ROLES)):
        raise HelpUnseen(help_id=str(visit_id))
    return found


async def trail_of(session: AsyncSession, visit: HelpVisit) -> Sequence[HelpStep]:
    """Return a visit's steps in their order."""
    steps = select(HelpStep).where(HelpStep.community_code == visit.community_code, HelpStep.visit_id == visit.id)
    return (await session.scalars(steps.order_by(HelpStep.number))).all()


async def list_posts(
    session: AsyncSession, community_code: str, cursor: str | None, page_size: int, now: datetime
) -> tuple[Sequence[HelpPost], str | None]:
    """Return a page of the requests and offers that can be answered, oldest first, and the cursor of the next page.

    Raises:
        BadCursor: The cursor is not one of this list.
    """
    query = select(HelpPost).where(HelpPost.community_code == community_code, HelpPost.state == "open")
    query = query.where(HelpPost.starts_at > now)
    if cursor:
        query = query.where(HelpPost.id > decode_id(cursor))
    found = (await session.scalars(query.order_by(HelpPost.id).limit(page_size + 1))).all()
    page = found[:page_size]
    return page, encode_cursor(str(page[-1].id)) if len(found) > page_size else None
