"""Bonds between relatives."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base


class FamilyBond(Base):
    """Two direct relatives: who invited, who consented and what they are to who invited, and who attested by what."""

    __tablename__ = "family_bond"
    __table_args__ = (
        CheckConstraint("relation IN ('spouse', 'parent', 'child')", name="relation_is_direct"),
        CheckConstraint("inviter_id <> invitee_id", name="two_persons"),
        CheckConstraint("(invitee_id IS NULL) = (consented_at IS NULL)", name="who_joins_consents"),
        CheckConstraint("attested_at IS NULL OR consented_at IS NOT NULL", name="consent_comes_first"),
        CheckConstraint("num_nulls(attested_at, attested_by, document) IN (0, 3)", name="an_attestation_is_whole"),
        Index("ix_family_bond_inviter_id", "inviter_id"),
        Index("ix_family_bond_invitee_id", "invitee_id"),
        Index("ix_family_bond_code_hash", "code_hash"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    bond_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    inviter_id: Mapped[uuid.UUID]
    relation: Mapped[str]
    code_hash: Mapped[str]
    invited_at: Mapped[datetime]
    invitee_id: Mapped[uuid.UUID | None]
    consented_at: Mapped[datetime | None]
    document: Mapped[str | None]
    attested_at: Mapped[datetime | None]
    attested_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
