"""Providers and their licences.

A provider may serve communities other than its home, and its credit code is unique in the whole country; so both
tables are of the kind that a distributed engine keeps whole on each node, and the community does not lead their keys.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class Provider(Base):
    """A business that serves communities."""

    __tablename__ = "provider"
    __table_args__ = (
        CheckConstraint("kind IN ('operator', 'merchant', 'space_operator')", name="kind_is_known"),
        CheckConstraint("length(social_credit_code) = 18", name="social_credit_code_has_18_characters"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    social_credit_code: Mapped[str] = mapped_column(unique=True)
    registered_at: Mapped[datetime]
    registered_by: Mapped[str]


class ProviderLicence(Base):
    """A licence 证照 of a provider; renewed, it is recorded again."""

    __tablename__ = "provider_licence"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="ends_after_it_starts"),
        {"info": APPEND_ONLY},
    )

    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Provider.id), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[str]
    issued_by: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
