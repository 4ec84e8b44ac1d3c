"""Events that the cockpit shows."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.cockpit.roll_up import Happened, roll_up
from shared.events.points import RedemptionCaptured
from shared.events.scenarios import AttendanceCompleted, BookingConfirmed


async def roll_up_redemption(session: AsyncSession, event: RedemptionCaptured) -> None:
    """Roll up the points that a merchant took, on the day it took them."""
    await roll_up(
        session,
        Happened(
            event.community_code,
            "points_redeemed",
            event.redemption_id,
            event.points,
            event.merchant_id,
            event.captured_at,
        ),
    )


async def roll_up_attendance(session: AsyncSession, event: AttendanceCompleted) -> None:
    """Roll up an attendance, on the day of the check-out."""
    await roll_up(
        session,
        Happened(event.community_code, "attendances", event.attendance_id, 1, event.resident_id, event.checked_out_at),
    )


async def roll_up_booking(session: AsyncSession, event: BookingConfirmed) -> None:
    """Roll up a booking, on the day that it is for."""
    await roll_up(
        session,
        Happened(event.community_code, "bookings", event.booking_id, 1, event.resident_id, event.starts_at),
    )
