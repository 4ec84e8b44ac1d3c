"""Providers on the black list: a projection of what operations tells."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from gateway.base import Base


class Debarred(Base):
    """A provider, and from when it may not call."""

    __tablename__ = "debarred"

    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    debarred_from: Mapped[datetime]
