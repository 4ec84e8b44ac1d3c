"""Use profiles, visits, utilisation by month and iteration cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_vacancy"
down_revision = "scenarios_units"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "iteration_case",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="diagnose", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("baseline", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("trial_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "stage <> 'closed' OR (decision IS NOT NULL AND second IS NOT NULL AND measured_at > trial_started_at)",
            name=op.f("ck_iteration_case_closed_only_when_measured_again"),
        ),
        sa.CheckConstraint(
            "stage IN ('diagnose', 'propose', 'consult', 'trial', 'measure', 'closed')",
            name=op.f("ck_iteration_case_stage_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_iteration_case_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_iteration_case")),
    )
    op.create_index("ix_iteration_case_id", "iteration_case", ["id"], unique=False)
    op.create_index(
        "uq_iteration_case_open",
        "iteration_case",
        ["community_code", "space_id"],
        unique=True,
        postgresql_where=sa.text("stage <> 'closed'"),
    )
    op.create_table(
        "use_profile",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("annual_cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("low_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("mode IN ('booked', 'walk-in')", name=op.f("ck_use_profile_mode_known")),
        sa.CheckConstraint(
            "capacity > 0 AND households > 0 AND annual_cost_fen >= 0", name=op.f("ck_use_profile_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_use_profile_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "space_id", name=op.f("pk_use_profile")),
    )
    op.create_table(
        "utilisation_month",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("bookable", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("rolled_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "used >= 0 AND bookable >= 0 AND uses >= 0 AND users >= 0", name=op.f("ck_utilisation_month_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_utilisation_month_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "month", "space_id", name=op.f("pk_utilisation_month")),
    )
    op.create_table(
        "visit",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_visit_somebody")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_visit_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_visit")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_visit_use", "visit", ["community_code", "space_id", "visited_at"], unique=False)
    op.create_table(
        "iteration_step",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "case_id"],
            ["iteration_case.community_code", "iteration_case.id"],
            name=op.f("fk_iteration_step_community_code_case_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_iteration_step")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_iteration_step_case", "iteration_step", ["community_code", "case_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_iteration_step_case", table_name="iteration_step")
    op.drop_table("iteration_step")
    op.drop_index("ix_visit_use", table_name="visit")
    op.drop_table("visit")
    op.drop_table("utilisation_month")
    op.drop_table("use_profile")
    op.drop_index("uq_iteration_case_open", table_name="iteration_case", postgresql_where=sa.text("stage <> 'closed'"))
    op.drop_index("ix_iteration_case_id", table_name="iteration_case")
    op.drop_table("iteration_case")
