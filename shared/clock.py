"""The civil calendar of Zhejiang: +08:00 all year."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

CHINA = timezone(timedelta(hours=8))

Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A time in an API: taken with any zone, always given back in UTC, whether it comes from the caller or the database."""


def local_day(moment: datetime) -> date:
    """Return the civil day of a moment."""
    return moment.astimezone(CHINA).date()
