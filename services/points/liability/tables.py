"""What stands behind points: a projection of what operations tells."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Funding(Base):
    """How many points a community's fund could pay merchants for, as told last."""

    __tablename__ = "funding"
    __table_args__ = (CheckConstraint("points >= 0", name="not_below_nothing"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[int]
    funded_at: Mapped[datetime]
