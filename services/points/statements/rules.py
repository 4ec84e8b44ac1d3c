"""The order of an account's entries: by the id of their transfer, which tells when it was posted, and its leg."""

import uuid
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VERSION_AND_VARIANT = 0x7000_8000_0000_0000_0000
BEFORE_ALL = (uuid.UUID(int=0), -1)
AFTER_ALL = (uuid.UUID(int=2**128 - 1), 32_767)

Place = tuple[uuid.UUID, int]
"""Where an entry stands among those of its account."""


def id_after(moment: datetime) -> uuid.UUID:
    """Return the least id that a transfer can have that was posted in a later millisecond than the moment's."""
    later_ms = (moment - EPOCH) // timedelta(milliseconds=1) + 1
    return uuid.UUID(int=later_ms << 80 | VERSION_AND_VARIANT)
