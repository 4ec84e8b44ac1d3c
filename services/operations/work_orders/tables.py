"""Work orders and the steps they took; both are only added to."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from services.operations.base import Base
from services.operations.checkups.tables import CheckupResult
from shared.database import APPEND_ONLY


class WorkOrder(Base):
    """What failed in a check-up, and until when it is to be mended; once per check-up and item."""

    __tablename__ = "work_order"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "checkup_id"], [CheckupResult.community_code, CheckupResult.checkup_id]
        ),
        UniqueConstraint("community_code", "checkup_id", "item"),
        CheckConstraint("urgency IN ('urgent', 'usual')", name="urgency_is_known"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    checkup_id: Mapped[uuid.UUID]
    item: Mapped[str]
    name: Mapped[str]
    parts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    urgency: Mapped[str]
    due_on: Mapped[date]
    raised_at: Mapped[datetime]
    raised_by: Mapped[str]


class WorkStep(Base):
    """A step of a work order; an acceptance names the payment that the fund was asked for."""

    __tablename__ = "work_step"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "order_id"], [WorkOrder.community_code, WorkOrder.id]),
        ForeignKeyConstraint(["community_code", "payment_id"], ["fund_payment.community_code", "fund_payment.id"]),
        CheckConstraint("state IN ('assigned', 'done', 'sent_back', 'accepted')", name="state_is_known"),
        CheckConstraint("payment_id IS NULL OR state = 'accepted'", name="accepted_work_is_paid"),
        CheckConstraint("number > 0", name="number_counts_from_1"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    state: Mapped[str]
    facts: Mapped[dict[str, Any]]
    payment_id: Mapped[uuid.UUID | None]
    taken_at: Mapped[datetime]
    taken_by: Mapped[str]
