"""What all replicas of the gateway share while they work."""

from datetime import datetime

from sqlalchemy import Double, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base
from shared.database import APPEND_ONLY


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


class Allowance(Base):
    """A caller's theoretical arrival time over all replicas, in seconds of Unix time."""

    __tablename__ = "allowance"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy's own form

    key: Mapped[str] = mapped_column(primary_key=True)
    tat: Mapped[float] = mapped_column(Double)
    added: Mapped[float] = mapped_column(Double)


class Quota(Base):
    """How many calls were admitted in a period; the key names application and period."""

    __tablename__ = "quota"

    key: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]


class AuditSeal(Base):
    """A seal over a stretch of the audit, as it stands beside the records."""

    __tablename__ = "audit_seal"
    __table_args__ = {"info": APPEND_ONLY}  # noqa: RUF012 - SQLAlchemy's own form

    file: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
    root: Mapped[str]
    head: Mapped[str]
    before: Mapped[str]
    sealed_at: Mapped[datetime]
    signature: Mapped[str]
