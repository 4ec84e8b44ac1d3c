"""Screenings, and who is frozen."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class Screening(Base):
    """That all which was done lately was looked at; the first row is the installation itself."""

    __tablename__ = "screening"
    __table_args__ = ({"info": APPEND_ONLY},)

    screened_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=func.now())
    suspected: Mapped[int]


class Freeze(Base):
    """Whose points do not leave, why, what was said against it, and how that was decided; it concerns whole accounts.

    `who` is `resident:<uuid>`, `merchant:<uuid>`, or a registrar, whose word is looked at and who holds nothing.
    """

    __tablename__ = "account_freeze"
    __table_args__ = (
        CheckConstraint("lifted_by <> frozen_by", name="two_persons"),
        Index("uq_freeze_open", "who", "detector", unique=True, postgresql_where=text("lifted_by IS NULL")),
        {"info": {"grants": "SELECT, INSERT, UPDATE (appeal, appealed_at, upheld_by, lifted_by, decided_at, remark)"}},
    )

    freeze_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    who: Mapped[str]
    area: Mapped[str]
    detector: Mapped[str]
    reason: Mapped[str]
    frozen_by: Mapped[str]
    frozen_at: Mapped[datetime]
    appeal: Mapped[str | None]
    appealed_at: Mapped[datetime | None]
    upheld_by: Mapped[str | None]
    lifted_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    remark: Mapped[str | None]
