"""Netting windows, what they found, and who agreed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class NettingWindow(Base):
    """What was exchanged in an area up to a place in the order of commits, to be settled together.

    `up_to_xid` is that place: what was committed by a lesser transaction is in this window or an earlier one, and
    nothing can be added to it any more.
    """

    __tablename__ = "netting_window"
    __table_args__ = (
        CheckConstraint("settled_by <> computed_by", name="two_persons"),
        CheckConstraint("(up_to_xid IS NULL) = (closed_at IS NULL)", name="closed_by_sequence"),
    )

    number: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    area: Mapped[str]
    method: Mapped[str]
    state: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    up_to_xid: Mapped[int | None]
    computed_by: Mapped[str | None]
    settled_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    aborted_by: Mapped[str | None]
    aborted_because: Mapped[str | None]


class NettingPosition(Base):
    """What a community owes another in a window (negative: is owed), by its own book.

    `activity` is all that went between them up to the window's end, which the next window starts from.
    """

    __tablename__ = "netting_position"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("netting_window.number"), primary_key=True)
    counterparty: Mapped[str] = mapped_column(primary_key=True)
    activity: Mapped[int]
    owed: Mapped[int]


class NettingPayment(Base):
    """What a community pays in a window, or the clearing house pays it."""

    __tablename__ = "netting_payment"
    __table_args__ = (
        CheckConstraint("points > 0 AND community_code <> creditor", name="pays_another"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("netting_window.number"), primary_key=True)
    creditor: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[int]


class NettingConfirmation(Base):
    """That a community agrees with what a window found for it."""

    __tablename__ = "netting_confirmation"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("netting_window.number"), primary_key=True)
    confirmed_by: Mapped[str]
    confirmed_at: Mapped[datetime]
