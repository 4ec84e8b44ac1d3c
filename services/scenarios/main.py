"""The API of the scenarios service."""

from fastapi import FastAPI

from services.scenarios.activities.api import router as activities
from services.scenarios.attendance.api import router as attendance
from services.scenarios.availability.api import router as availability
from services.scenarios.bookings.api import router as bookings
from services.scenarios.catalogue.api import router as catalogue
from services.scenarios.motions.api import router as motions
from services.scenarios.spaces.api import router as spaces
from services.scenarios.vacancy.api import router as vacancy
from services.scenarios.voting.api import router as voting
from shared.service import create_service
from shared.settings import ServiceSettings

ROUTERS = (
    spaces,
    availability,
    bookings,
    activities,
    attendance,
    catalogue,
    vacancy,
    motions,
    voting,
)


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    return create_service("scenarios", "场景服务 Scenarios", ServiceSettings(), ROUTERS)
