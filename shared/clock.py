"""The civil calendar of Zhejiang: +08:00 all year."""

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def local_day(moment: datetime) -> date:
    """Return the civil day of a moment."""
    return moment.astimezone(CHINA).date()
