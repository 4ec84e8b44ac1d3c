"""Projects, their plans and the gates they have passed."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from services.operations.communities.tables import Community
from shared.database import APPEND_ONLY


class Project(Base):
    """A community's project to become a future community."""

    __tablename__ = "project"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(ForeignKey(Community.community_code), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True, server_default=text("uuidv7()"))
    title: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]


class ProjectPlan(Base):
    """When the stages are to be done; the first revision is the baseline, the last is in force."""

    __tablename__ = "project_plan"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "project_id"], [Project.community_code, Project.id]),
        CheckConstraint("applying <= creating AND creating <= accepting", name="stages_follow_each_other"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    applying: Mapped[date]
    creating: Mapped[date]
    accepting: Mapped[date]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class ProjectGate(Base):
    """A stage that was left, and the papers on which."""

    __tablename__ = "project_gate"
    __table_args__ = (
        ForeignKeyConstraint(["community_code", "project_id"], [Project.community_code, Project.id]),
        CheckConstraint("stage IN ('applying', 'creating', 'accepting')", name="stage_is_left"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    evidence: Mapped[dict[str, Any]]
    passed_at: Mapped[datetime]
    passed_by: Mapped[str]
