"""The three lists, and the covenants between those on them."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


class ListEntry(Base):
    """A need 需求, a resource 资源 or a project 项目, by whom, how much of what, in which days."""

    __tablename__ = "list_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('need', 'resource', 'project')", name="kind_is_known"),
        CheckConstraint("quantity > 0 AND promised >= 0 AND promised <= quantity", name="promises_are_covered"),
        CheckConstraint("first_day <= last_day", name="days_are_in_order"),
        Index("ix_list_entry_match", "kind", "category", "community_code"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    kind: Mapped[str]
    category: Mapped[str]
    title: Mapped[str]
    party: Mapped[str]
    unit: Mapped[str]
    quantity: Mapped[int]
    promised: Mapped[int] = mapped_column(server_default=text("0"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class Covenant(Base):
    """What a resource promises a need, by way of a project; in force once each side has signed."""

    __tablename__ = "co_build_covenant"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "need_id"], [ListEntry.community_code, ListEntry.id], name="fk_need"),
        ForeignKeyConstraint(
            ["resource_community_code", "resource_id"], [ListEntry.community_code, ListEntry.id], name="fk_resource"
        ),
        ForeignKeyConstraint(
            ["community_code", "project_id"], [ListEntry.community_code, ListEntry.id], name="fk_project"
        ),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
        CheckConstraint("state IN ('proposed', 'in_force', 'withdrawn')", name="state_is_known"),
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    need_id: Mapped[uuid.UUID]
    resource_community_code: Mapped[str]
    resource_id: Mapped[uuid.UUID]
    project_id: Mapped[uuid.UUID]
    quantity: Mapped[int]
    state: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]


class CovenantSignature(Base):
    """A side's signature; the same hand does not sign for both."""

    __tablename__ = "co_build_covenant_signature"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "covenant_id"], [Covenant.community_code, Covenant.id]),
        CheckConstraint("side IN ('need', 'resource')", name="side_is_known"),
        Index("uq_co_build_covenant_signature_hand", "community_code", "covenant_id", "signed_by", unique=True),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    covenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    signed_at: Mapped[datetime]
    signed_by: Mapped[str]
