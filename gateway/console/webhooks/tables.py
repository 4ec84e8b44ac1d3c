"""What is to be told to whom, and what came of it."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base
from gateway.console.webhooks.rules import State


class Delivery(Base):
    """An event on its way to a subscription: it is due, or was taken, or is given up until somebody replays it."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("subscription", "event_id"),
        Index("ix_delivery_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_delivery_created_at", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    subscription: Mapped[str]
    application: Mapped[str]
    event_id: Mapped[uuid.UUID]
    type: Mapped[str]
    body: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_fault: Mapped[str | None]

    @property
    def state(self) -> State:
        """Whether it was taken, is still to be told, or was given up."""
        return "delivered" if self.delivered_at else "due" if self.due_at else "given-up"
