"""The API of the scenarios service."""

from fastapi import FastAPI

from services.scenarios.activities.api import router as activities
from services.scenarios.attendance.api import router as attendance
from services.scenarios.bookings.api import router as bookings
from services.scenarios.catalogue.api import router as catalogue
from services.scenarios.spaces.api import router as spaces
from shared.service import create_service
from shared.settings import ServiceSettings

ROUTERS = (spaces, bookings, activities, attendance, catalogue)


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    return create_service("scenarios", "场景服务 Scenarios", ServiceSettings(), ROUTERS)
