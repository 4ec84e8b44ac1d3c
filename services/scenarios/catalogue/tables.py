"""Tables: what a community has picked, what was measured, and which facilities there are."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base, Published
from shared.database import APPEND_ONLY


class Programme(Published, Base):
    """A community's choice of level, project type and menu; the last one holds, the others are its history."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("level IN ('领跑级', '示范级', '基本级')", name="level_known"),
        CheckConstraint("project_type IN ('整合提升', '拆改结合', '拆除重建', '规划新建', '全域')", name="type_known"),
        {"info": APPEND_ONLY},
    )

    level: Mapped[str]
    project_type: Mapped[str]
    picks: Mapped[list[int]] = mapped_column(JSONB)


class IndicatorMeasure(Published, Base):
    """What an indicator amounted to on a day, in whole units, with its evidence; the latest day counts."""

    __tablename__ = "indicator_measure"
    __table_args__ = (
        CheckConstraint("no BETWEEN 1 AND 33 AND amount >= 0", name="amount"),
        Index("ix_indicator_measure_latest", "community_code", "no", "measured_on", "id"),
        {"info": APPEND_ONLY},
    )

    no: Mapped[int]
    amount: Mapped[int]
    measured_on: Mapped[date]
    evidence: Mapped[dict[str, Any]]


class Facility(Published, Base):
    """A facility of the 一老一小 set; it may be one of the bookable spaces."""

    __tablename__ = "facility"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('party-centre', 'health-station', 'child-care', 'elder-care', 'elder-canteen', 'family-station')",
            name="kind_known",
        ),
        ForeignKeyConstraint(["community_code", "space_id"], ["space.community_code", "space.id"]),
    )

    kind: Mapped[str]
    name: Mapped[str]
    space_id: Mapped[uuid.UUID | None]
