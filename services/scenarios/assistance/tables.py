"""The columns of every record that a command leaves: by which channel, by whom, with what consent."""

from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class Assisted:
    """A record that says by which channel, by whom and with what consent its command came."""

    channel: Mapped[str]
    given_by: Mapped[str]
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


def assisted_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """Return the constraints of a table with these columns: a known channel, and consent where the desk acts."""
    return (
        CheckConstraint("channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')", name="channel_known"),
        CheckConstraint("channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name="consented"),
    )
