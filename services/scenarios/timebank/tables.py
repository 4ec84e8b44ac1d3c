"""Tables: requests and offers of help, the visits that came of them, and the trail of each visit."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY, Assisted, assisted_checks


class HelpPost(Assisted, Base):
    """A request for help, or an offer; `receiver_id` is for whom a request is, the resident or one of its family."""

    __tablename__ = "help_post"
    __table_args__ = (
        *assisted_checks(),
        CheckConstraint("side IN ('request', 'offer')", name="side_known"),
        CheckConstraint("state IN ('open', 'agreed', 'withdrawn')", name="state_known"),
        CheckConstraint("quarters BETWEEN 1 AND 32", name="quarters"),
        CheckConstraint("side = 'request' OR (receiver_id IS NULL AND NOT community_pays)", name="offers_are_open"),
        CheckConstraint("(side = 'request') = (receiver_id IS NOT NULL)", name="requests_are_for_somebody"),
        Index("ix_help_post_id", "id"),
        Index("ix_help_post_open", "community_code", "id", postgresql_where=text("state = 'open'")),
    )

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    side: Mapped[str]
    resident_id: Mapped[uuid.UUID]
    receiver_id: Mapped[uuid.UUID | None]
    community_pays: Mapped[bool]
    service: Mapped[str]
    text: Mapped[str]
    starts_at: Mapped[datetime]
    quarters: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="open")
    posted_at: Mapped[datetime]


class HelpVisit(Base):
    """Help that two agreed on: who gives it, who gets it, and whose hours pay for it; none: the community's.

    `posted` is what the points service said of the last quarters that it was told: none, not yet; `done`, or why not.
    """

    __tablename__ = "help_visit"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "post_id"], ["help_post.community_code", "help_post.id"]),
        CheckConstraint(
            "state IN ('pledging', 'pledged', 'refused', 'started', 'ended', 'disputed', 'confirmed', 'cancelled')",
            name="state_known",
        ),
        CheckConstraint("giver_id <> receiver_id AND giver_id IS DISTINCT FROM payer_id", name="two_sides"),
        CheckConstraint("quarters BETWEEN 0 AND agreed_quarters OR revision > 0", name="quarters_as_agreed"),
        CheckConstraint("checked_in_at <= checked_out_at", name="in_before_out"),
        CheckConstraint("(checked_out_at IS NULL) = (quarters IS NULL)", name="counted_at_check_out"),
        CheckConstraint(
            "state <> 'confirmed' OR revision > 0 OR num_nulls(giver_confirmed_at, receiver_confirmed_at) = 0",
            name="both_sides_confirm",
        ),
        Index("ix_help_visit_id", "id"),
        Index(
            "uq_help_visit_post",
            "community_code",
            "post_id",
            unique=True,
            postgresql_where=text("state NOT IN ('refused', 'cancelled')"),
        ),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    post_id: Mapped[uuid.UUID]
    giver_id: Mapped[uuid.UUID]
    receiver_id: Mapped[uuid.UUID]
    payer_id: Mapped[uuid.UUID | None]
    starts_at: Mapped[datetime]
    agreed_quarters: Mapped[int]
    code: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    checked_in_at: Mapped[datetime | None]
    checked_out_at: Mapped[datetime | None]
    quarters: Mapped[int | None]
    giver_confirmed_at: Mapped[datetime | None]
    receiver_confirmed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default="0")
    posted: Mapped[str | None]


class HelpStep(Base):
    """A step of a visit: what was done, by whom, for whom; a correction tells how many quarters count now, and why."""

    __tablename__ = "help_step"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "visit_id"], ["help_visit.community_code", "help_visit.id"]),
        UniqueConstraint("community_code", "visit_id", "agrees_to", name="uq_help_step_agrees_to"),
        CheckConstraint("number > 0", name="number_counts_from_1"),
        CheckConstraint("(step = 'corrected') = (agrees_to IS NOT NULL)", name="a_correction_agrees"),
        CheckConstraint("(agrees_to IS NULL) = (proposed_by IS NULL)", name="who_proposed_is_known"),
        CheckConstraint("proposed_by <> given_by", name="two_persons"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    quarters: Mapped[int | None]
    reason: Mapped[str | None]
    agrees_to: Mapped[int | None]
    proposed_by: Mapped[str | None]
    given_by: Mapped[str]
    assisted: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    given_at: Mapped[datetime]
