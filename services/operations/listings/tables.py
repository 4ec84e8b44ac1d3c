"""The decisions on providers, and the appeals against them.

Like the providers they are about, a distributed engine keeps them whole on each node.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class ProviderListing(Base):
    """A decision that put a provider into a state; never changed, only followed by the next."""

    __tablename__ = "provider_listing"
    __table_args__ = (
        CheckConstraint("state IN ('candidate', 'listed', 'watched', 'debarred')", name="state_is_known"),
        CheckConstraint("(revision = 1) = (state = 'candidate')", name="candidate_is_first"),
        CheckConstraint("basis <> '' AND authority <> ''", name="basis_and_authority_are_given"),
        CheckConstraint("ends_at IS NULL OR ends_at > effective_at", name="ends_after_it_starts"),
        CheckConstraint("ground IN ('decision', 'appeal', 'rehabilitation')", name="ground_is_known"),
        CheckConstraint(
            "running_contracts IN ('continue', 'suspend', 'terminate')", name="effect_on_running_contracts_is_known"
        ),
        {"info": APPEND_ONLY},
    )

    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    community_code: Mapped[str]
    state: Mapped[str]
    area: Mapped[str] = mapped_column(server_default=text("''"))
    scene: Mapped[str] = mapped_column(server_default=text("''"))
    ground: Mapped[str] = mapped_column(server_default=text("'decision'"))
    running_contracts: Mapped[str] = mapped_column(server_default=text("'continue'"))
    basis: Mapped[str]
    authority: Mapped[str]
    effective_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class ProviderAppeal(Base):
    """An appeal 申诉 against a decision, and its answer when there is one."""

    __tablename__ = "provider_appeal"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "revision"], [ProviderListing.provider_id, ProviderListing.revision]),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="an_answer_has_its_time"),
        CheckConstraint("outcome IN ('upheld', 'dismissed')", name="outcome_is_known"),
    )

    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    grounds: Mapped[str]
    filed_at: Mapped[datetime]
    filed_by: Mapped[str]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class EndedDebarment(Base):
    """A debarment whose end by its term has been told."""

    __tablename__ = "ended_debarment"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "revision"], [ProviderListing.provider_id, ProviderListing.revision]),
        {"info": APPEND_ONLY},
    )

    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    told_at: Mapped[datetime]
