"""Communities that take part: a projection of what operations tells."""

from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class Community(Base):
    """A community whose points may be granted and spent."""

    __tablename__ = "community"

    community_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
