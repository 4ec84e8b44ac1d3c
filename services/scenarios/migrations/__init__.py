"""The migrations of the scenarios service, and the tables they are compared with: each slice's, imported here."""

from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.attendance.tables import CheckIn, CheckOut
from services.scenarios.base import Base
from services.scenarios.bookings.tables import Booking, Cancellation, Decision
from services.scenarios.calendar.tables import CalendarDay
from services.scenarios.catalogue.tables import Facility, IndicatorMeasure, Programme
from services.scenarios.claims.tables import Claim, Unit
from services.scenarios.communities.tables import Community
from services.scenarios.motions.tables import Answer, Contribution, Motion, StageRecord
from services.scenarios.operators.tables import DebarredOperator, EntrustedSpace
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.tables import Window
from services.scenarios.vacancy.tables import IterationCase, IterationStep, UseProfile, UtilisationMonth, Visit
from services.scenarios.voting.tables import Ballot, CastBallot, Elector, Poll, Turnout

TABLES = (
    DebarredOperator,
    EntrustedSpace,
    Activity,
    Answer,
    Ballot,
    Booking,
    CalendarDay,
    Cancellation,
    CastBallot,
    CheckIn,
    CheckOut,
    Claim,
    Community,
    Contribution,
    Decision,
    Elector,
    Facility,
    IndicatorMeasure,
    IterationCase,
    IterationStep,
    Motion,
    Poll,
    Programme,
    SignUp,
    Space,
    StageRecord,
    Turnout,
    Unit,
    UseProfile,
    UtilisationMonth,
    Visit,
    Window,
)
"""Named here so that Alembic sees them all."""
METADATA = Base.metadata
