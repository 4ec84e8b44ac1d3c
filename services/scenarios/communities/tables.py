"""Tables: the communities that take part."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.scenarios.base import Base


class Community(Base):
    """A community that operations has registered."""

    __tablename__ = "community"
    __table_args__ = (CheckConstraint("community_code ~ '^[0-9]{12}$'", name="code_of_12_digits"),)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Published:
    """The columns of what staff of a community publish; ids of version 7 keep the order of publication."""

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    published_by: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
