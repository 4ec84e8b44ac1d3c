"""Consents, one row for each word that a resident gave; the last one holds."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base
from shared.database import APPEND_ONLY, Assisted, assisted_checks


class ConsentGiven(Assisted, Base):
    """A resident's word on an application's purpose, in the version of its notice that the resident read."""

    __tablename__ = "consent"
    __table_args__ = (*assisted_checks(), CheckConstraint("number > 0", name="counted"), {"info": APPEND_ONLY})

    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    application: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    community_code: Mapped[str]
    version: Mapped[int]
    purpose: Mapped[str]
    is_given: Mapped[bool]
    noted_at: Mapped[datetime]
