"""Tables: polls, who may vote, who has voted, and ballots that nothing links to them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base
from shared.database import APPEND_ONLY, Assisted, assisted_checks

OF_MOTION = ["community_code", "motion_id"]
POLL = ["poll.community_code", "poll.motion_id"]


class Poll(Base):
    """How and when a motion is voted on, and the result once it is counted."""

    __tablename__ = "poll"
    __table_args__ = (
        ForeignKeyConstraint(OF_MOTION, ["motion.community_code", "motion.id"]),
        CheckConstraint("kind IN ('decision', 'weighty-decision', 'approval', 'budget')", name="kind_known"),
        CheckConstraint("closes_at > opens_at", name="times"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    motion_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    places: Mapped[int]
    budget_fen: Mapped[int]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Elector(Base):
    """One who may vote, with the area in dm² of what it owns; one head, however many flats."""

    __tablename__ = "elector"
    __table_args__ = (ForeignKeyConstraint(OF_MOTION, POLL), CheckConstraint("area_dm2 >= 0", name="area"))

    community_code: Mapped[str] = mapped_column(primary_key=True)
    motion_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    area_dm2: Mapped[int]


class Turnout(Assisted, Base):
    """An elector has voted, by which channel; not what."""

    __tablename__ = "turnout"
    __table_args__ = (
        *assisted_checks(),
        ForeignKeyConstraint(
            [*OF_MOTION, "resident_id"],
            ["elector.community_code", "elector.motion_id", "elector.resident_id"],
            deferrable=True,
        ),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    motion_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    voted_at: Mapped[datetime]


class BallotColumns:
    """A ballot: a random id, no time and no person; the area is that of a decision, and 0 otherwise."""

    community_code: Mapped[str] = mapped_column(primary_key=True)
    motion_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    choices: Mapped[list[str]] = mapped_column(JSONB)
    area_dm2: Mapped[int]


class CastBallot(BallotColumns, Base):
    """A ballot in the urn, while the poll is open."""

    __tablename__ = "cast_ballot"
    __table_args__ = (ForeignKeyConstraint(OF_MOTION, POLL),)


class Ballot(BallotColumns, Base):
    """A ballot that was counted: written anew in random order, so that its place tells no more who cast it."""

    __tablename__ = "ballot"
    __table_args__ = (ForeignKeyConstraint(OF_MOTION, POLL), {"info": APPEND_ONLY})
