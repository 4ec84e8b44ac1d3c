"""Devices, and what they have told."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base
from shared.database import APPEND_ONLY


class Device(Base):
    """A device: it waits for its enrolment, is enrolled, or is retired."""

    __tablename__ = "device"
    __table_args__ = (Index("ix_device_community_code", "community_code", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    community_code: Mapped[str]
    catalogue_id: Mapped[str]
    label: Mapped[str]
    registered_by: Mapped[str]
    enrolment_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    enrolment_until: Mapped[datetime | None]
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    enrolled_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    status: Mapped[str | None]
    status_at: Mapped[datetime | None]

    @property
    def is_heard(self) -> bool:
        """Whether it is enrolled, and not retired."""
        return self.sealed_key is not None and self.retired_at is None


class DeviceEvent(Base):
    """What a device told, once however often it came."""

    __tablename__ = "device_event"
    __table_args__ = {"info": APPEND_ONLY}  # noqa: RUF012 - SQLAlchemy's own form

    device_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    way: Mapped[str]
    data: Mapped[dict[str, Any]]
