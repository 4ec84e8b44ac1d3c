"""The worker of the operations service."""

from fastapi import FastAPI

from services.operations.kpis.consumers import count_attendance, count_booking, count_redemption
from services.operations.settlement.consumers import record_redemption
from shared.events.points import RedemptionCaptured
from shared.events.scenarios import AttendanceCompleted, BookingConfirmed
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import create_worker

HANDLERS = (
    on(RedemptionCaptured, record_redemption),
    on(RedemptionCaptured, count_redemption),
    on(AttendanceCompleted, count_attendance),
    on(BookingConfirmed, count_booking),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("operations", WorkerSettings(), HANDLERS)
