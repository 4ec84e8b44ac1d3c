"""Deliveries, settlements and released retentions; all are added to and never changed."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY

_OF_CONTRACT = (["community_code", "contract_id"], ["contract.community_code", "contract.id"])


class Delivery(Base):
    """How much of a period's service was delivered, verified by somebody, in basis points."""

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_CONTRACT),
        CheckConstraint("delivered_bp BETWEEN 0 AND 10000", name="share_is_a_share"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    delivered_bp: Mapped[int]
    evidence: Mapped[str]
    verified_at: Mapped[datetime]
    verified_by: Mapped[str]


class Settlement(Base):
    """What was settled for a period: contract, delivery and invoice agree, and the sums add up."""

    __tablename__ = "settlement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "contract_id", "line_no", "seq"],
            ["delivery.community_code", "delivery.contract_id", "delivery.line_no", "delivery.seq"],
        ),
        UniqueConstraint("community_code", "contract_id", "invoice_number"),
        CheckConstraint("delivered_fen = abated_fen + retained_fen + payable_fen", name="the_sums_add_up"),
        CheckConstraint(
            "delivered_fen <= due_fen AND abated_fen >= 0 AND retained_fen >= 0 AND payable_fen >= 0",
            name="no_sum_is_negative",
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger)
    first: Mapped[date]
    last: Mapped[date]
    invoice_number: Mapped[str]
    due_fen: Mapped[int]
    delivered_fen: Mapped[int]
    abated_fen: Mapped[int]
    retained_fen: Mapped[int]
    payable_fen: Mapped[int]
    settled_at: Mapped[datetime]
    settled_by: Mapped[str]


class RetentionRelease(Base):
    """What was kept back of a contract's fees and is paid after its end, once."""

    __tablename__ = "retention_release"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_CONTRACT),
        CheckConstraint("amount_fen >= 0", name="amount_is_not_negative"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    released_at: Mapped[datetime]
    released_by: Mapped[str]
