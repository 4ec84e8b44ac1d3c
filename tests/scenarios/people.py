"""Who and where: the people and communities of the tests of scenarios."""

import uuid
from datetime import UTC, datetime, timedelta

from shared.assistance import Channel, Consent, OnBehalf
from shared.clock import CHINA, Period
from shared.identity import Identity
from tests.ground import identity

COMMUNITY = "330281002015"
NEXT_COMMUNITY = "330281003012"

DESK = identity("staff:desk", ("desk", COMMUNITY))
OPERATOR = identity("staff:operator", ("operator", COMMUNITY[:6]))
NEXT_DESK = identity("staff:next", ("desk", NEXT_COMMUNITY))
CONSENT = {"form": "signed", "reference": "登记表 2027-118"}


def resident(resident_id: uuid.UUID, community: str = COMMUNITY) -> Identity:
    """Return a resident's identity."""
    return identity(f"resident:{resident_id}", ("resident", community))


def oneself(resident_id: uuid.UUID, channel: Channel = "app") -> OnBehalf:
    """Return a command's assistance when a resident acts for itself."""
    return OnBehalf(resident_id, channel, None)


def at_desk(resident_id: uuid.UUID, channel: Channel = "desk") -> OnBehalf:
    """Return a command's assistance when the desk acts for a resident."""
    return OnBehalf(resident_id, channel, Consent("signed", "登记表 2027-118"))


def clock(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a time of March 2027, in China; the 1st is a Monday."""
    return datetime(2027, 3, day, hour, minute, tzinfo=CHINA)


NOW = clock(1, 7)
ACTIVITY: Period = (clock(1, 9), clock(1, 11))


def tomorrow(hour: int, minute: int = 0, *, minutes: int = 60) -> Period:
    """Return a period of tomorrow in China, by the machine's clock."""
    day = datetime.now(UTC).astimezone(CHINA).replace(second=0, microsecond=0) + timedelta(days=1)
    start = day.replace(hour=hour, minute=minute)
    return start, start + timedelta(minutes=minutes)
