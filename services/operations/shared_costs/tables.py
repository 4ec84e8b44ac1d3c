"""Spaces that communities share, and their costs."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class SharedSpace(Base):
    """A space of one community that several use; the key says what part of its cost each bears."""

    __tablename__ = "shared_space"
    __table_args__ = {"info": APPEND_ONLY}  # noqa: RUF012 - SQLAlchemy's own word

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    name: Mapped[str]
    basis: Mapped[str]
    cost_key: Mapped[dict[str, Any]]
    agreed_at: Mapped[datetime]
    agreed_by: Mapped[str]


class SharedCost(Base):
    """A month's cost of a shared space, and each community's share; the shares come to the cost."""

    __tablename__ = "shared_cost"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "space_id"], [SharedSpace.community_code, SharedSpace.id]),
        UniqueConstraint("community_code", "space_id", "month"),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        CheckConstraint("extract(day FROM month) = 1", name="month_is_a_month"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    space_id: Mapped[uuid.UUID]
    month: Mapped[date]
    amount_fen: Mapped[int]
    shares: Mapped[dict[str, Any]]
    booked_at: Mapped[datetime]
    booked_by: Mapped[str]
