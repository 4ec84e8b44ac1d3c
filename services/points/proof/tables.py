"""Seals: one for each window of a book, never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class Seal(Base):
    """A sealed window of one community's book.

    Its records are those with `xid` below `below_xid` that no window before it has, in the order of their ids. An entry
    that would take effect at or before the last window's `up_to` comes too late.
    """

    __tablename__ = "seal"
    __table_args__ = (
        CheckConstraint("number > 0 AND first > 0 AND count > 0", name="counts_from_1"),
        CheckConstraint("length(previous) = 32 AND length(head) = 32 AND length(root) = 32", name="hashes_whole"),
        Index("ix_seal_below_xid", "below_xid"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    below_xid: Mapped[int]
    first: Mapped[int]
    count: Mapped[int]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    head: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    up_to: Mapped[datetime]
    sealed_at: Mapped[datetime]
    public_key: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
