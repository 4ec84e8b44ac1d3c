"""Emergencies and what was spent in them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.fund.tables import FundAccount


class Emergency(Base):
    """A cost centre that was declared on a basis, with a limit and an end."""

    __tablename__ = "emergency"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "pot"], [FundAccount.community_code, FundAccount.code], name="fk_pot"),
        CheckConstraint("limit_fen > 0 AND approve_within_days > 0", name="limits_are_positive"),
        CheckConstraint("ends_at > declared_at", name="ends_after_it_begins"),
        CheckConstraint("spent_fen BETWEEN 0 AND limit_fen", name="spent_is_within_the_limit"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    pot: Mapped[str]
    basis: Mapped[str]
    limit_fen: Mapped[int]
    approve_within_days: Mapped[int]
    spent_fen: Mapped[int] = mapped_column(server_default=text("0"))
    declared_at: Mapped[datetime]
    declared_by: Mapped[str]
    ends_at: Mapped[datetime]


class EmergencySpend(Base):
    """Money that was spent at once; it is approved, or it is to be paid back."""

    __tablename__ = "emergency_spend"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "emergency_id"], [Emergency.community_code, Emergency.id]),
        CheckConstraint("state IN ('pending', 'approved', 'rejected', 'recovered')", name="state_is_known"),
        CheckConstraint("(state = 'pending') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_by <> spent_by", name="is_not_ones_own"),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        Index("ix_emergency_spend_emergency", "community_code", "emergency_id", "spent_at"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    emergency_id: Mapped[uuid.UUID]
    amount_fen: Mapped[int]
    payee: Mapped[str]
    what: Mapped[str]
    evidence: Mapped[list[Any]] = mapped_column(JSONB)
    state: Mapped[str]
    spent_at: Mapped[datetime]
    spent_by: Mapped[str]
    due_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
