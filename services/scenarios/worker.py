"""The worker of the scenarios service."""

from fastapi import FastAPI

from services.scenarios.communities.consumers import note_registered
from shared.events.operations import CommunityRegistered
from shared.inbox import on
from shared.settings import WorkerSettings
from shared.worker import create_worker

HANDLERS = (on(CommunityRegistered, note_registered),)


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("scenarios", WorkerSettings(), HANDLERS)
