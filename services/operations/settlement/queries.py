"""Reads of receivables."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.settlement.tables import Receivable
from shared.pagination import BadCursor, decode_cursor, encode_cursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a receivable stands."""

    captured_at: datetime
    redemption_id: uuid.UUID


def encode_place(place: Place) -> str:
    """Return the cursor that stands for a place; the moment goes as microseconds, which cannot be misread."""
    return encode_cursor((place.captured_at - _EPOCH) // _MICROSECOND, str(place.redemption_id))


def decode_place(cursor: str) -> Place:
    """Read a cursor of this list.

    Raises:
        BadCursor: It is none.
    """
    elapsed_us, redemption_id = decode_cursor(cursor, int, str)
    try:
        return Place(_EPOCH + int(elapsed_us) * _MICROSECOND, uuid.UUID(str(redemption_id)))
    except (ValueError, OverflowError) as error:
        raise BadCursor from error


async def owed(
    session: AsyncSession, community_code: str, merchant_id: uuid.UUID, after: Place | None, most: int
) -> Sequence[Receivable]:
    """Return what a merchant is owed, the latest first."""
    rows = select(Receivable).where(Receivable.community_code == community_code, Receivable.merchant_id == merchant_id)
    order = tuple_(Receivable.captured_at, Receivable.redemption_id)
    if after:
        rows = rows.where(order < tuple_(after.captured_at, after.redemption_id))
    latest_first = rows.order_by(Receivable.captured_at.desc(), Receivable.redemption_id.desc())
    return (await session.scalars(latest_first.limit(most))).all()


async def total(session: AsyncSession, community_code: str, merchant_id: uuid.UUID) -> tuple[int, int]:
    """Return for how many redemptions a merchant is owed, and how many points in all, less what it gave back."""
    redemptions = func.count().filter(Receivable.refund_of.is_(None))
    found = select(redemptions, func.coalesce(func.sum(Receivable.points), 0)).where(
        Receivable.community_code == community_code, Receivable.merchant_id == merchant_id
    )
    count, points = (await session.execute(found)).one()
    return count, int(points)
