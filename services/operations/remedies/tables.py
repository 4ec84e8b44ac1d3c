"""The steps of a remedy; the last one says where it stands."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.checkups.tables import CheckupResult
from shared.database import APPEND_ONLY


class RemedyStep(Base):
    """A step towards mending what a check-up listed."""

    __tablename__ = "remedy_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_code", "checkup_id"], [CheckupResult.community_code, CheckupResult.checkup_id]
        ),
        CheckConstraint("state IN ('planned', 'done', 'fixed', 'not_fixed')", name="state_is_known"),
        CheckConstraint("number > 0", name="number_counts_from_1"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    checkup_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    state: Mapped[str]
    facts: Mapped[dict[str, Any]]
    taken_at: Mapped[datetime]
    taken_by: Mapped[str]
