"""The columns of every record that a command leaves: by which channel, by whom, with what consent."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.assistance.rules import ASSISTED_CHANNELS, OWN_CHANNELS, OnBehalf


class Assisted:
    """A record that says by which channel, by whom and with what consent its command came."""

    channel: Mapped[str]
    given_by: Mapped[str]
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


def assisted_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """Return the constraints of a table with these columns: a known channel, and consent where the desk acts."""
    known = ", ".join(f"'{channel}'" for channel in (*OWN_CHANNELS, *ASSISTED_CHANNELS))
    own = ", ".join(f"'{channel}'" for channel in OWN_CHANNELS)
    return (
        CheckConstraint(f"channel IN ({known})", name="channel_known"),
        CheckConstraint(f"channel IN ({own}) OR consent IS NOT NULL", name="consented"),
    )


def assisted_values(on_behalf: OnBehalf, by: str) -> dict[str, Any]:
    """Return the columns' values for a command given by the subject `by`."""
    consent = asdict(on_behalf.consent) if on_behalf.consent else None
    return {"channel": on_behalf.channel, "given_by": by, "consent": consent}
