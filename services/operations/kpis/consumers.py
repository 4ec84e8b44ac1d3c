"""Events that move KPIs."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.kpis.count import Happening, count
from shared.events.points import RedemptionCaptured
from shared.events.scenarios import AttendanceCompleted, BookingConfirmed


async def count_redemption(session: AsyncSession, event: RedemptionCaptured) -> None:
    """Count the points that a merchant took, in the month in which it took them."""
    await count(
        session,
        Happening(
            community_code=event.community_code,
            measure="points_redeemed",
            source_id=event.redemption_id,
            amount=event.points,
            occurred_at=event.captured_at,
            merchant_id=event.merchant_id,
        ),
    )


async def count_attendance(session: AsyncSession, event: AttendanceCompleted) -> None:
    """Count an attendance, in the month in which the resident checked out."""
    await count(
        session,
        Happening(
            community_code=event.community_code,
            measure="attendances",
            source_id=event.attendance_id,
            amount=1,
            occurred_at=event.checked_out_at,
        ),
    )


async def count_booking(session: AsyncSession, event: BookingConfirmed) -> None:
    """Count a booking, in the month that it is for."""
    await count(
        session,
        Happening(
            community_code=event.community_code,
            measure="bookings",
            source_id=event.booking_id,
            amount=1,
            occurred_at=event.starts_at,
        ),
    )
