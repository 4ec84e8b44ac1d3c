"""Statements of merchants, and the keys by which they are approved."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class MerchantStatement(Base):
    """What moved on a merchant's account after its last statement, up to a place in the order of commits.

    It says what the book says, or it is none: `points` is the sum of its lines, `digest` is SM3 over its file.
    """

    __tablename__ = "merchant_statement"
    __table_args__ = (
        CheckConstraint("approved_by <> drafted_by", name="two_persons"),
        CheckConstraint("(approved_by IS NULL) = (signature IS NULL)", name="approved_is_signed"),
        CheckConstraint("paid_reference IS NULL OR approved_by IS NOT NULL", name="paid_when_approved"),
        {
            "info": {
                "grants": "SELECT, INSERT, UPDATE (approved_by, approved_at, key, signature, paid_by, paid_at,"
                " paid_reference)"
            }
        },
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    merchant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    after_xid: Mapped[int]
    up_to_xid: Mapped[int]
    lines: Mapped[int]
    points: Mapped[int]
    digest: Mapped[str]
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    key: Mapped[str | None]
    signature: Mapped[str | None]
    paid_by: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    paid_reference: Mapped[str | None]


class ApproverKey(Base):
    """A version of the SM2 public key with which a street approves."""

    __tablename__ = "approver_key"
    __table_args__ = ({"info": APPEND_ONLY},)

    area: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())
