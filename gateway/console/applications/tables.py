"""The secrets of applications, encrypted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base


class ApplicationSecret(Base):
    """A secret in one of an application's two places; the key that opens it is not in the database."""

    __tablename__ = "application_secret"
    __table_args__ = (CheckConstraint("place IN (1, 2)", name="two_at_a_time"),)

    application: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
