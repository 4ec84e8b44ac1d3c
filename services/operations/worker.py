"""The worker of the operations service."""

from fastapi import FastAPI

from shared.settings import WorkerSettings
from shared.worker import create_worker


def create_app() -> FastAPI:
    """Build the worker from the process's settings."""
    return create_worker("operations", WorkerSettings(), [])
