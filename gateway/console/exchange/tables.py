"""What there is to provide, and what was provided."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base
from shared.database import APPEND_ONLY
from shared.outbox import XID8


class ExchangeRecord(Base):
    """An event that some data set tells of, as it came; read in commit order, like the outbox."""

    __tablename__ = "exchange_record"
    __table_args__ = (
        Index("ix_exchange_record_type_xid_id", "type", "xid", "id"),
        Index("ix_exchange_record_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(XID8, server_default=text("pg_current_xact_id()"))
    event_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    type: Mapped[str]
    community_code: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    data: Mapped[dict[str, Any]]


class Provision(Base):
    """That data were provided: what, to whom, on what ground. The database lets nobody alter or delete it."""

    __tablename__ = "provision"
    __table_args__ = (Index("ix_provision_receiver", "receiver", "id"), {"info": APPEND_ONLY})

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    data_set: Mapped[str]
    revision: Mapped[int]
    entry: Mapped[dict[str, Any]]
    receiver: Mapped[str]
    provided_at: Mapped[datetime]
    format: Mapped[str]
    after: Mapped[str | None]
    upto: Mapped[str | None]
    rows: Mapped[int]
    missing: Mapped[dict[str, Any]]
    content_sm3: Mapped[str]
    signature: Mapped[str]
