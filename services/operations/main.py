"""The API of the operations service."""

from fastapi import FastAPI

from shared.service import create_service
from shared.settings import ServiceSettings


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    return create_service("operations", "运营服务 Operations", ServiceSettings(), [])
