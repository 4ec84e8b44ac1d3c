"""Time: moments in an API, and the civil calendar of Zhejiang, +08:00 all year."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

CHINA = timezone(timedelta(hours=8))

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC)),
    AfterValidator(lambda moment: moment.astimezone(UTC)),
]
"""A time in an API, within the century that anybody can mean: taken with any zone, always given back in UTC."""

Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
"""A day in an API, within the same century: nothing that is counted from it leaves the calendar."""


def local_day(moment: datetime) -> date:
    """Return the civil day of a moment."""
    return moment.astimezone(CHINA).date()


Period = tuple[datetime, datetime]
"""Half-open: from the first moment to just before the second."""
