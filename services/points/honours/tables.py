"""The tiers of honour of an area, by version."""

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class TierScheme(Base):
    """A version of an area's tiers: names, from how many earned points on, and over how many months they count."""

    __tablename__ = "tier_scheme"
    __table_args__ = ({"info": APPEND_ONLY},)

    area: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    months: Mapped[int | None]
    tiers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())
