"""The API of the scenarios service."""

from fastapi import FastAPI

from services.scenarios.access.api import router as access
from services.scenarios.activities.api import router as activities
from services.scenarios.arrivals.api import router as arrivals
from services.scenarios.assistance.api import router as assistance
from services.scenarios.attendance.api import router as attendance
from services.scenarios.availability.api import router as availability
from services.scenarios.base import Base
from services.scenarios.bookings.api import router as bookings
from services.scenarios.calendar.api import router as calendar
from services.scenarios.catalogue.api import router as catalogue
from services.scenarios.closures.api import router as closures
from services.scenarios.directory.api import router as directory
from services.scenarios.emergencies.api import router as emergencies
from services.scenarios.feeds.api import router as feeds
from services.scenarios.households.api import router as households
from services.scenarios.modes.api import router as modes
from services.scenarios.motions.api import router as motions
from services.scenarios.needs.api import router as needs
from services.scenarios.reports.api import router as reports
from services.scenarios.rounds.api import router as rounds
from services.scenarios.spaces.api import router as spaces
from services.scenarios.surveys.api import router as surveys
from services.scenarios.tariffs.api import router as tariffs
from services.scenarios.timebank.api import router as timebank
from services.scenarios.timetable.api import router as timetable
from services.scenarios.vacancy.api import router as vacancy
from services.scenarios.voting.api import router as voting
from services.scenarios.waitlist.api import router as waitlist
from services.scenarios.work.api import router as work
from shared.own_data import own_data_router
from shared.service import create_service
from shared.settings import ServiceSettings

ROUTERS = (
    spaces,
    calendar,
    closures,
    modes,
    timetable,
    availability,
    bookings,
    access,
    feeds,
    households,
    tariffs,
    rounds,
    activities,
    waitlist,
    attendance,
    catalogue,
    directory,
    vacancy,
    motions,
    voting,
    surveys,
    needs,
    arrivals,
    assistance,
    reports,
    timebank,
    work,
    emergencies,
)


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    routers = (*ROUTERS, own_data_router(Base.metadata))
    return create_service("scenarios", "场景服务 Scenarios", ServiceSettings(), routers)
