"""Operating statements."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.communities.tables import Community
from shared.database import APPEND_ONLY


class OperatingStatement(Base):
    """What a community's operation cost in a year and what paid for it, in fen; a correction is a later revision.

    `costs` and `income` are by category; `volumes` are what drives the cost, by driver. What is not known is left out.
    """

    __tablename__ = "operating_statement"
    __table_args__ = (
        CheckConstraint("revision > 0", name="revision_counts_from_1"),
        CheckConstraint("cost_fen > 0", name="cost_is_positive"),
        CheckConstraint("income_fen >= 0 AND subsidy_fen >= 0 AND in_kind_fen >= 0", name="income_is_not_negative"),
        CheckConstraint("reserve_fen >= 0", name="reserve_is_not_negative"),
        CheckConstraint("households > 0", name="households_are_positive"),
        Index("ix_operating_statement_year", "year", "project_type"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(ForeignKey(Community.community_code), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    project_type: Mapped[str]
    tier: Mapped[str]
    households: Mapped[int | None]
    costs: Mapped[dict[str, Any]]
    cost_fen: Mapped[int]
    income: Mapped[dict[str, Any]]
    income_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    in_kind_fen: Mapped[int]
    reserve_fen: Mapped[int]
    volumes: Mapped[dict[str, Any]]
    filed_at: Mapped[datetime]
    filed_by: Mapped[str]
