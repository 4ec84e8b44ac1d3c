"""Disputes, and how they were decided."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Dispute(Base):
    """That what was posted under a kind and a reference is contested; `frozen` points are held until it is decided.

    `transfer_id` is what was disputed, of the book of `community_code`; `reversed` is what was taken back. An
    erasure empties what the resident said.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("frozen >= 0", name="freezes_no_less_than_nothing"),
        CheckConstraint("decided_by <> opened_by", name="two_persons"),
        CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (reversed IS NULL)", name="decided"
        ),
        Index(
            "uq_dispute_open",
            "community_code",
            "kind",
            "reference",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index("ix_dispute_id", "dispute_id"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (reason, decided_by, decided_at, reversed, remark)"}},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    dispute_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[uuid.UUID]
    asset_class: Mapped[str]
    kind: Mapped[str]
    reference: Mapped[str]
    reason: Mapped[str]
    frozen: Mapped[int]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reversed: Mapped[int | None]
    remark: Mapped[str | None]
