"""Tables: who runs which space, and who is on the black list where."""

import uuid
from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base


class EntrustedSpace(Base):
    """A space that a provider runs from one day to another."""

    __tablename__ = "entrusted_space"
    __table_args__ = (Index("ix_entrusted_space_provider_id", "provider_id"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date]


class DebarredOperator(Base):
    """A provider on the black list, in an area (empty: everywhere), from a time on."""

    __tablename__ = "debarred_operator"

    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    debarred_from: Mapped[datetime]
