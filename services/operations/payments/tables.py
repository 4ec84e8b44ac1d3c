"""Payments, their approvals, and the receivables that they settle."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.fund.tables import FundAccount
from shared.database import APPEND_ONLY


class FundPayment(Base):
    """A payment that is asked for; `points` and `merchant_id` when it settles what a merchant took in points."""

    __tablename__ = "fund_payment"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'paid', 'rejected')", name="state_is_known"),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        CheckConstraint("(points IS NULL) = (merchant_id IS NULL)", name="points_are_a_merchants"),
        ForeignKeyConstraint(["community_code", "pot"], [FundAccount.community_code, FundAccount.code], name="fk_pot"),
        UniqueConstraint("community_code", "id", "requested_by"),
        Index("ix_fund_payment_id", "id"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    pot: Mapped[str]
    purpose: Mapped[str]
    payee: Mapped[str]
    amount_fen: Mapped[int]
    points: Mapped[int | None]
    merchant_id: Mapped[uuid.UUID | None]
    state: Mapped[str]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]


class FundApproval(Base):
    """One person's approval; the constraint holds that nobody approves what they asked for."""

    __tablename__ = "fund_approval"
    __table_args__ = (
        CheckConstraint("approved_by <> requested_by", name="is_not_ones_own"),
        ForeignKeyConstraint(
            ["community_code", "payment_id", "requested_by"],
            [FundPayment.community_code, FundPayment.id, FundPayment.requested_by],
            name="fk_payment",
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    approved_by: Mapped[str] = mapped_column(primary_key=True)
    requested_by: Mapped[str]
    level: Mapped[int]
    approved_at: Mapped[datetime]


class FundSettledReceivable(Base):
    """A receivable that a payment settles: no receivable is in two payments."""

    __tablename__ = "fund_settled_receivable"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "payment_id"], [FundPayment.community_code, FundPayment.id], name="fk_payment"
        ),
        Index("ix_fund_settled_receivable_payment", "community_code", "payment_id"),
        {"info": {"grants": "SELECT, INSERT, DELETE"}},  # a rejected payment lets its receivables go
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    redemption_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[uuid.UUID]
    points: Mapped[int]
