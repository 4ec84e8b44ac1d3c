"""Entry permits and the demands on communities."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.communities.tables import Community
from shared.database import APPEND_ONLY


class EntryPermit(Base):
    """What a department asks to put on communities, and the decision."""

    __tablename__ = "entry_permit"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="term_is_in_order"),
        CheckConstraint("cases_per_year > 0 AND minutes_per_case > 0", name="amounts_are_positive"),
        CheckConstraint("verdict IN ('granted', 'refused')", name="verdict_is_known"),
        CheckConstraint("num_nulls(verdict, reason, decided_at, decided_by) IN (0, 4)", name="a_decision_is_whole"),
        CheckConstraint("decided_by <> applied_by", name="two_persons"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    area: Mapped[str] = mapped_column(index=True)
    department: Mapped[str]
    matter: Mapped[str]
    kind: Mapped[str]
    basis: Mapped[str]
    minutes_per_case: Mapped[int]
    cases_per_year: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    applied_at: Mapped[datetime]
    applied_by: Mapped[str]
    verdict: Mapped[str | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class BurdenDemand(Base):
    """Work that somebody asked of a community: admitted under a permit, as its nth case of the year, or turned away."""

    __tablename__ = "burden_demand"
    __table_args__ = (
        UniqueConstraint("community_code", "permit_id", "year", "case_no"),
        CheckConstraint("(turned_away IS NULL) = (case_no IS NOT NULL)", name="admitted_or_turned_away"),
        CheckConstraint("case_no IS NULL OR permit_id IS NOT NULL", name="what_is_admitted_has_a_permit"),
        CheckConstraint("minutes >= 0", name="minutes_are_not_negative"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(ForeignKey(Community.community_code), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    permit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(EntryPermit.id))
    year: Mapped[int] = mapped_column(SmallInteger)
    case_no: Mapped[int | None]
    turned_away: Mapped[str | None]
    department: Mapped[str]
    matter: Mapped[str]
    minutes: Mapped[int]
    asked_at: Mapped[datetime]
    recorded_by: Mapped[str]
