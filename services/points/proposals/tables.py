"""What was proposed, and how it was decided."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Proposal(Base):
    """Something that takes two persons; its `area` is a community, or what a cap is for. It is decided once."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("decided_by <> proposed_by", name="two_persons"),
        CheckConstraint(
            "(decided_by IS NULL) = (accepted IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)", name="decided"
        ),
        Index("ix_proposal_id", "proposal_id"),
        {"info": {"grants": "SELECT, INSERT, UPDATE (decided_by, decided_at, accepted, remark)"}},
    )

    area: Mapped[str] = mapped_column(primary_key=True)
    proposal_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    kind: Mapped[str]
    content: Mapped[dict[str, Any]]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    remark: Mapped[str | None]
