"""The base of this service's tables, and the columns that several of them have."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, MetaData, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.database import NAMING, TYPES


class Base(DeclarativeBase):
    """Declares this service's tables, with 64-bit integers and times with zones."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


class Published:
    """The columns of what staff of a community publish; ids of version 7 keep the order of publication."""

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    published_by: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
