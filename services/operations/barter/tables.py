"""Services that were delivered for space, and what each period came to; all are added to and never changed."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY

_OF_CONTRACT = (["community_code", "contract_id"], ["contract.community_code", "contract.id"])


class BarterDelivery(Base):
    """A quantity of a catalogue service that somebody has verified."""

    __tablename__ = "barter_delivery"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_CONTRACT),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
        Index("ix_barter_delivery_period", "community_code", "contract_id", "line_no", "seq"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    contract_id: Mapped[uuid.UUID]
    line_no: Mapped[int] = mapped_column(SmallInteger)
    seq: Mapped[int] = mapped_column(SmallInteger)
    service: Mapped[str]
    quantity: Mapped[int]
    evidence: Mapped[str]
    verified_at: Mapped[datetime]
    verified_by: Mapped[str]


class BarterTrueUp(Base):
    """What a period came to, in fen."""

    __tablename__ = "barter_true_up"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_CONTRACT),
        CheckConstraint("carried_fen = brought_fen + rent_fen - service_fen - paid_fen", name="the_sums_add_up"),
        CheckConstraint("paid_fen = 0 OR carried_fen = 0", name="all_is_paid_or_all_is_carried"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger)
    rent_fen: Mapped[int]
    service_fen: Mapped[int]
    brought_fen: Mapped[int]
    paid_fen: Mapped[int]
    carried_fen: Mapped[int]
    settled_at: Mapped[datetime]
    settled_by: Mapped[str]
