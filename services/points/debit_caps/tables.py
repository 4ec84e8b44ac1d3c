"""Net debit caps, by version: the latest holds."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class DebitCap(Base):
    """How many points a community may owe a counterparty, or all others together, before no more are quoted."""

    __tablename__ = "debit_cap"
    __table_args__ = (
        CheckConstraint("0 <= soft AND soft <= hard", name="soft_before_hard"),
        CheckConstraint("community_code <> counterparty", name="owes_another"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    counterparty: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    soft: Mapped[int]
    hard: Mapped[int]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
