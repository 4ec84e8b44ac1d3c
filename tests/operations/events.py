"""Events of the other services, as operations takes them in."""

import uuid
from datetime import datetime, timedelta

from shared.events.points import RedemptionCaptured
from shared.events.scenarios import AttendanceCompleted, BookingConfirmed
from tests.operations.ground import DONGJIANG, NOW


def redemption(
    merchant_id: uuid.UUID, points: int = 10, at: datetime = NOW, community_code: str = DONGJIANG
) -> RedemptionCaptured:
    """A resident of another community paid a merchant."""
    return RedemptionCaptured(
        community_code=community_code,
        redemption_id=uuid.uuid4(),
        merchant_id=merchant_id,
        points=points,
        payer_community_code="330102001051",
        paid_points=points + 2,
        captured_at=at,
    )


def attendance(at: datetime = NOW) -> AttendanceCompleted:
    """A resident took part for two hours."""
    return AttendanceCompleted(
        community_code=DONGJIANG,
        attendance_id=uuid.uuid4(),
        activity_id=uuid.uuid4(),
        activity_kind="volunteering",
        resident_id=uuid.uuid4(),
        resident_community_code=DONGJIANG,
        checked_in_at=at - timedelta(hours=2),
        checked_out_at=at,
        minutes=120,
    )


def booking(at: datetime = NOW) -> BookingConfirmed:
    """A resident booked a space for an hour."""
    return BookingConfirmed(
        community_code=DONGJIANG,
        booking_id=uuid.uuid4(),
        space_id=uuid.uuid4(),
        resident_id=uuid.uuid4(),
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        channel="mini-app",
    )
