"""The migrations of the scenarios service, and the tables they are compared with: each slice's, imported here."""

from services.scenarios.access.tables import AccessGrant, Entry
from services.scenarios.activities.tables import Activity, SignUp, Withdrawal
from services.scenarios.arrivals.tables import Arrival, CheckInPolicy, Exemption, NoShow
from services.scenarios.assistance.tables import AgeBand, AssistedReserve
from services.scenarios.attendance.tables import CheckIn, CheckOut
from services.scenarios.base import Base
from services.scenarios.bookings.tables import Booking, Cancellation, Decision, Rescheduling, Series
from services.scenarios.calendar.tables import CalendarDay
from services.scenarios.catalogue.tables import Facility, IndicatorMeasure, Programme
from services.scenarios.claims.tables import Claim, Unit
from services.scenarios.closures.tables import Closure
from services.scenarios.communities.tables import Community
from services.scenarios.emergencies.tables import Emergency, EmergencyChange, EmergencyPlan, EmergencyTask
from services.scenarios.households.tables import BookingQuota, HouseholdMember
from services.scenarios.modes.tables import FunctionMode
from services.scenarios.motions.tables import Answer, Contribution, Motion, StageRecord
from services.scenarios.needs.tables import Need, NeedAnswer
from services.scenarios.operators.tables import DebarredOperator, EntrustedSpace
from services.scenarios.reports.tables import HandOver, Report
from services.scenarios.rounds.tables import Allotment, Application, Round, SeasonBooking
from services.scenarios.spaces.tables import Space
from services.scenarios.surveys.tables import PaperEntry, Response, Survey
from services.scenarios.tariffs.tables import Payment, TariffRow
from services.scenarios.timebank.tables import HelpPost, HelpStep, HelpVisit
from services.scenarios.timetable.tables import Window
from services.scenarios.vacancy.tables import IterationCase, IterationStep, UseProfile, UtilisationMonth, Visit
from services.scenarios.voting.tables import Ballot, CastBallot, Elector, Poll, Turnout
from services.scenarios.waitlist.tables import WaitlistEntry

TABLES = (
    AccessGrant,
    Activity,
    AgeBand,
    Answer,
    Allotment,
    Application,
    Arrival,
    AssistedReserve,
    Ballot,
    Booking,
    BookingQuota,
    CalendarDay,
    Cancellation,
    CastBallot,
    CheckIn,
    CheckInPolicy,
    CheckOut,
    Claim,
    Closure,
    Community,
    Contribution,
    DebarredOperator,
    Decision,
    Elector,
    Emergency,
    EmergencyChange,
    EmergencyPlan,
    EmergencyTask,
    EntrustedSpace,
    Entry,
    Exemption,
    Facility,
    FunctionMode,
    HandOver,
    HelpPost,
    HelpStep,
    HelpVisit,
    HouseholdMember,
    IndicatorMeasure,
    IterationCase,
    IterationStep,
    Motion,
    Need,
    NeedAnswer,
    NoShow,
    PaperEntry,
    Payment,
    Poll,
    Programme,
    Report,
    Rescheduling,
    Response,
    Round,
    SeasonBooking,
    Series,
    SignUp,
    Space,
    StageRecord,
    Survey,
    TariffRow,
    Turnout,
    Unit,
    UseProfile,
    UtilisationMonth,
    Visit,
    WaitlistEntry,
    Window,
    Withdrawal,
)
"""Named here so that Alembic sees them all."""
METADATA = Base.metadata
