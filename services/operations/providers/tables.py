"""Providers and their way over the lists.

A provider may serve communities other than its home, and its credit code is unique in the whole country; so both
tables are of the kind that a distributed engine keeps whole on each node, and the community does not lead their keys.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.communities.tables import Community
from shared.database import APPEND_ONLY


class Provider(Base):
    """A business that serves communities."""

    __tablename__ = "provider"
    __table_args__ = (
        CheckConstraint("kind IN ('operator', 'merchant')", name="kind_is_known"),
        CheckConstraint("length(social_credit_code) = 18", name="social_credit_code_has_18_characters"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    community_code: Mapped[str] = mapped_column(ForeignKey(Community.community_code), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    social_credit_code: Mapped[str] = mapped_column(unique=True)
    registered_at: Mapped[datetime]
    registered_by: Mapped[str]


class ProviderListing(Base):
    """A decision that put a provider into a state; never changed, only followed by the next."""

    __tablename__ = "provider_listing"
    __table_args__ = (
        CheckConstraint("state IN ('candidate', 'listed', 'debarred')", name="state_is_known"),
        CheckConstraint("(revision = 1) = (state = 'candidate')", name="candidate_is_first"),
        CheckConstraint("basis <> '' AND authority <> ''", name="basis_and_authority_are_given"),
        UniqueConstraint("provider_id", "state"),
        {"info": APPEND_ONLY},
    )

    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Provider.id), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    community_code: Mapped[str]
    state: Mapped[str]
    basis: Mapped[str]
    authority: Mapped[str]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
