"""What all replicas of the gateway share while they work."""

from datetime import datetime

from sqlalchemy import LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base


class Revision(Base):
    """One row: the number moves on with every change of what the gateway is told (by triggers)."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int]


class Nonce(Base):
    """A nonce that an application has used, kept until no clock could take its call any more."""

    __tablename__ = "nonce"

    application: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
