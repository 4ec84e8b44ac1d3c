"""Subsidies, their tranches, payments and clawbacks; all are added to and never changed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY

_OF_SUBSIDY = (["community_code", "subsidy_id"], ["subsidy.community_code", "subsidy.id"])


class Subsidy(Base):
    """Public money for a project, in fen, and what each tier is rewarded with at the end."""

    __tablename__ = "subsidy"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "project_id"], ["project.community_code", "project.id"]),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True, server_default=text("uuidv7()"))
    project_id: Mapped[uuid.UUID]
    purpose: Mapped[str]
    amount_fen: Mapped[int]
    rewards: Mapped[dict[str, Any]]
    granted_at: Mapped[datetime]
    granted_by: Mapped[str]


class SubsidyTranche(Base):
    """A part of a subsidy, and the stage of the project that it waits for."""

    __tablename__ = "subsidy_tranche"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_SUBSIDY),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        CheckConstraint("milestone IN ('applying', 'creating', 'accepting')", name="milestone_is_a_stage"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    subsidy_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    amount_fen: Mapped[int]
    milestone: Mapped[str]


class SubsidyPayment(Base):
    """A tranche that was paid, or the reward, which has number 0."""

    __tablename__ = "subsidy_payment"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_SUBSIDY),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    subsidy_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    amount_fen: Mapped[int]
    evidence: Mapped[str]
    paid_at: Mapped[datetime]
    paid_by: Mapped[str]


class SubsidyClawback(Base):
    """Money that is asked back, and why."""

    __tablename__ = "subsidy_clawback"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_SUBSIDY),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        CheckConstraint(
            "ground IN ('milestone_untrue', 'project_abandoned', 'misused', 'overpaid')", name="ground_is_known"
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    subsidy_id: Mapped[uuid.UUID]
    amount_fen: Mapped[int]
    ground: Mapped[str]
    basis: Mapped[str]
    ordered_at: Mapped[datetime]
    ordered_by: Mapped[str]
