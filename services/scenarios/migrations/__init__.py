"""The migrations of the scenarios service, and the tables they are compared with: each slice's, imported here."""

from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.attendance.tables import CheckIn, CheckOut
from services.scenarios.base import Base
from services.scenarios.bookings.tables import Booking, Cancellation, Claim
from services.scenarios.communities.tables import Community
from services.scenarios.operators.tables import DebarredOperator, EntrustedSpace
from services.scenarios.spaces.tables import Space

TABLES = (
    Activity,
    Booking,
    Cancellation,
    CheckIn,
    CheckOut,
    Claim,
    Community,
    DebarredOperator,
    EntrustedSpace,
    SignUp,
    Space,
)
"""Named here so that Alembic sees them all."""
METADATA = Base.metadata
