"""The worker of the points service."""

from fastapi import FastAPI

from services.points.communities.consumers import note_community
from services.points.earning.consumers import deed_of, earn_by_attendance
from services.points.merchants.consumers import note_debarment, note_listing
from shared.events.operations import CommunityRegistered, ProviderDebarred, ProviderListed
from shared.events.scenarios import AttendanceCompleted
from shared.inbox import on, on_sets
from shared.settings import WorkerSettings
from shared.worker import create_worker

HANDLERS = (
    on(CommunityRegistered, note_community),
    on(ProviderListed, note_listing),
    on(ProviderDebarred, note_debarment),
    on_sets(AttendanceCompleted, deed_of, earn_by_attendance),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("points", WorkerSettings(), HANDLERS)
