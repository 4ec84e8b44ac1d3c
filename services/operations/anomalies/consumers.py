"""Events in which anomalies are looked for."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.anomalies.tables import AttendanceTrace
from shared.events.scenarios import AttendanceCompleted


async def trace_attendance(session: AsyncSession, event: AttendanceCompleted) -> None:
    """Keep who was where when."""
    row = insert(AttendanceTrace).values(
        community_code=event.community_code,
        attendance_id=event.attendance_id,
        activity_id=event.activity_id,
        resident_id=event.resident_id,
        came_at=event.checked_in_at,
        left_at=event.checked_out_at,
    )
    await session.execute(row.on_conflict_do_nothing())
