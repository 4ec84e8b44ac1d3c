"""Contracts, their versions, signatures and seals, and decisions on them; all are added to and never changed."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY

_OF_CONTRACT = (["community_code", "contract_id"], ["contract.community_code", "contract.id"])
_OF_VERSION = (
    ["community_code", "contract_id", "version"],
    ["contract_version.community_code", "contract_version.contract_id", "contract_version.version"],
)


class Contract(Base):
    """A contract, whose id stays the same through all its versions."""

    __tablename__ = "contract"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(ForeignKey("community.community_code"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True, server_default=text("uuidv7()"))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]


class ContractParty(Base):
    """A provider that is a party to a contract, to find its contracts by."""

    __tablename__ = "contract_party"
    __table_args__ = (ForeignKeyConstraint(*_OF_CONTRACT), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True, index=True)


class ContractVersion(Base):
    """The terms from a day on; in force when sealed."""

    __tablename__ = "contract_version"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_CONTRACT),
        CheckConstraint("kind IN ('original', 'amendment', 'renewal')", name="kind_is_known"),
        CheckConstraint("(version = 1) = (kind = 'original')", name="original_is_first"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    reason: Mapped[str]
    valid_from: Mapped[date]
    terms: Mapped[dict[str, Any]]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]


class ContractSignature(Base):
    """A party's SM2 signature of a version."""

    __tablename__ = "contract_signature"
    __table_args__ = (ForeignKeyConstraint(*_OF_VERSION), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    party: Mapped[str] = mapped_column(primary_key=True)
    signature: Mapped[str]
    signed_at: Mapped[datetime]
    signed_by: Mapped[str]


class ContractSeal(Base):
    """The seal of a version that all parties have signed."""

    __tablename__ = "contract_seal"
    __table_args__ = (ForeignKeyConstraint(*_OF_VERSION), {"info": APPEND_ONLY})

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seal: Mapped[str]
    sealed_at: Mapped[datetime]


class ContractDecision(Base):
    """A decision to suspend, resume or end a contract."""

    __tablename__ = "contract_decision"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_CONTRACT),
        CheckConstraint("state IN ('suspended', 'resumed', 'terminated')", name="state_is_known"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    state: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]
