"""Tables: the communities that take part."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base


class Community(Base):
    """A community that operations has registered."""

    __tablename__ = "community"
    __table_args__ = (CheckConstraint("community_code ~ '^[0-9]{12}$'", name="code_of_12_digits"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
