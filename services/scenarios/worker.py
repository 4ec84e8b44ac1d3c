"""The worker of the scenarios service."""

from fastapi import FastAPI

from services.scenarios.communities.consumers import note_registered
from services.scenarios.operators.consumers import note_debarred, note_entrusted, note_restored, note_restricted
from shared.events.operations import (
    CommunityRegistered,
    ProviderDebarred,
    ProviderRestored,
    ProviderRestricted,
    SpaceEntrusted,
)
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import create_worker

HANDLERS = (
    on(CommunityRegistered, note_registered),
    on(SpaceEntrusted, note_entrusted),
    on(ProviderDebarred, note_debarred),
    on(ProviderRestricted, note_restricted),
    on(ProviderRestored, note_restored),
)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("scenarios", WorkerSettings(), HANDLERS)
