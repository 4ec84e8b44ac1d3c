"""Which notices of expiry were given."""

import uuid
from datetime import date, datetime

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class ExpiryNotice(Base):
    """A notice that points of an account expire on a day, given once so many days before."""

    __tablename__ = "expiry_notice"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    expires_on: Mapped[date] = mapped_column(primary_key=True)
    days_before: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    points: Mapped[int]
    given_at: Mapped[datetime]
