"""The worker of the points service."""

from fastapi import FastAPI

from services.points.communities.consumers import note_community
from services.points.earning.consumers import earn_by_attendance
from services.points.merchants.consumers import note_debarment, note_listing, note_restoration, note_restriction
from shared.events.operations import (
    CommunityRegistered,
    ProviderDebarred,
    ProviderListed,
    ProviderRestored,
    ProviderRestricted,
)
from shared.events.scenarios import AttendanceCompleted
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import create_worker

HANDLERS = (
    on(CommunityRegistered, note_community),
    on(ProviderListed, note_listing),
    on(ProviderDebarred, note_debarment),
    on(ProviderRestricted, note_restriction),
    on(ProviderRestored, note_restoration),
    on(AttendanceCompleted, earn_by_attendance),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("points", WorkerSettings(), HANDLERS)
