"""The base of this service's tables, and the columns that several of them have."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, MetaData, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.database import NAMING, TYPES


class Base(DeclarativeBase):
    """Declares this service's tables, with 64-bit integers and times with zones."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


class Published:
    """The columns of what staff of a community publish; ids of version 7 keep the order of publication."""

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    published_by: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())


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
