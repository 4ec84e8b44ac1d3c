"""Tables: what was posted of each visit, and who inherits hours."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class HelpPosting(Base):
    """Quarter hours that were posted for a revision of a visit, and how many of them a later one took back.

    `donated` is what of them went past the giver's cap to the community, and is there still.
    """

    __tablename__ = "help_posting"
    __table_args__ = (
        CheckConstraint("quarters > 0 AND taken_back BETWEEN 0 AND quarters", name="taken_back"),
        CheckConstraint("donated BETWEEN 0 AND quarters - taken_back", name="donated"),
        CheckConstraint("giver_id IS DISTINCT FROM payer_id", name="two_persons"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    giver_id: Mapped[uuid.UUID]
    payer_id: Mapped[uuid.UUID | None]
    quarters: Mapped[int]
    taken_back: Mapped[int]
    donated: Mapped[int]


class HoursLegacy(Base):
    """To whom a resident leaves its hours, by their bond; without one, to the community. Two persons execute it."""

    __tablename__ = "hours_legacy"
    __table_args__ = (
        CheckConstraint("num_nulls(document, reported_by, reported_at) IN (0, 3)", name="a_report_is_whole"),
        CheckConstraint("num_nulls(executed_by, executed_at, quarters) IN (0, 3)", name="an_execution_is_whole"),
        CheckConstraint("executed_at IS NULL OR reported_at IS NOT NULL", name="reported_first"),
        CheckConstraint("executed_by <> reported_by", name="two_persons"),
        Index("ix_hours_legacy_resident_id", "resident_id"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    heir_bond_id: Mapped[uuid.UUID | None]
    document: Mapped[str | None]
    reported_by: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    executed_by: Mapped[str | None]
    executed_at: Mapped[datetime | None]
    quarters: Mapped[int | None]
