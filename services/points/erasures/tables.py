"""Who was erased, by pseudonym."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class Erasure(Base):
    """That a resident was erased: when, and on whose word. The latest is the one with the latest time."""

    __tablename__ = "erasure"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(primary_key=True)
    erased_by: Mapped[str]
    evidence_erased: Mapped[int]
    points_to_pool: Mapped[int]
