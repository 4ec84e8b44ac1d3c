"""Corridors by version, and quotes."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Corridor(Base):
    """What two communities agreed: what points of the first are worth in the second.

    `rate_bp` and `discount_bp` are the terms while neither owes the other. With a floor and a ceiling the discount
    moves between them with what the first owes the second, and is at its end when that is `full_at` points. A version
    takes effect at `effective_from`: the first of all may at once, any other a day after its agreement published it.
    """

    __tablename__ = "corridor"
    __table_args__ = (
        CheckConstraint("rate_bp > 0 AND rate_bp <= 10000", name="never_above_par"),
        CheckConstraint("discount_bp >= 0 AND discount_bp < 10000", name="discount_within"),
        CheckConstraint(
            "num_nulls(floor_bp, ceiling_bp, full_at) IN (0, 3) AND floor_bp BETWEEN 0 AND discount_bp"
            " AND ceiling_bp BETWEEN discount_bp AND 9999 AND full_at > 0",
            name="moves_within",
        ),
        CheckConstraint("community_code <> to_community", name="two_communities"),
        CheckConstraint("agreed_by <> proposed_by", name="two_persons"),
        CheckConstraint(
            "effective_from >= agreed_at AND (version = 1 OR effective_from >= agreed_at + interval '24 hours')",
            name="published_ahead",
        ),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    to_community: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    rate_bp: Mapped[int] = mapped_column(server_default=text("10000"))
    discount_bp: Mapped[int]
    floor_bp: Mapped[int | None]
    ceiling_bp: Mapped[int | None]
    full_at: Mapped[int | None]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    agreed_by: Mapped[str | None]
    agreed_at: Mapped[datetime | None]
    effective_from: Mapped[datetime | None]


class Quote(Base):
    """What a purchase costs a resident; until it expires, a hold of its name keeps the points for it."""

    __tablename__ = "quote"
    __table_args__ = (
        CheckConstraint("price > 0 AND paid >= price", name="discount_never_gains"),
        Index("ix_quote_resident", "resident_id", "quote_id"),
        Index("ix_quote_open", "community_code", "expires_at", postgresql_where=text("used_at IS NULL")),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    quote_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    resident_id: Mapped[uuid.UUID]
    merchant_id: Mapped[uuid.UUID]
    merchant_community: Mapped[str]
    price: Mapped[int]
    paid: Mapped[int]
    rate_bp: Mapped[int] = mapped_column(server_default=text("10000"))
    discount_bp: Mapped[int]
    corridor_version: Mapped[int | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
