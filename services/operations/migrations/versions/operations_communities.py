"""Communities' profiles, and projects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_communities"
down_revision = "operations_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "community_profile",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("project_type", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("area_m2", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "project_type IN ('integrated', 'partly_rebuilt', 'rebuilt', 'new_built', 'whole_area')",
            name="ck_community_profile_project_type_is_known",
        ),
        sa.CheckConstraint("tier IN ('basic', 'model', 'leading')", name="ck_community_profile_tier_is_known"),
        sa.CheckConstraint("households <= population", name="ck_community_profile_a_household_has_people"),
        sa.CheckConstraint(
            "population >= 0 AND households >= 0 AND area_m2 > 0", name="ck_community_profile_sizes_are_counts"
        ),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name="fk_community_profile_community_code"
        ),
        sa.PrimaryKeyConstraint("community_code", "revision", name="pk_community_profile"),
    )
    op.create_table(
        "project",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name="fk_project_community_code"),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_project"),
    )
    op.create_index("ix_project_id", "project", ["id"], unique=False)
    op.create_table(
        "project_gate",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("stage IN ('applying', 'creating', 'accepting')", name="ck_project_gate_stage_is_left"),
        sa.ForeignKeyConstraint(
            ["community_code", "project_id"],
            ["project.community_code", "project.id"],
            name="fk_project_gate_community_code_project_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "project_id", "stage", name="pk_project_gate"),
    )
    op.create_table(
        "project_plan",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("applying", sa.Date(), nullable=False),
        sa.Column("creating", sa.Date(), nullable=False),
        sa.Column("accepting", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name="ck_project_plan_reason_is_given"),
        sa.CheckConstraint(
            "applying <= creating AND creating <= accepting", name="ck_project_plan_stages_follow_each_other"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "project_id"],
            ["project.community_code", "project.id"],
            name="fk_project_plan_community_code_project_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "project_id", "revision", name="pk_project_plan"),
    )


def downgrade() -> None:
    op.drop_table("project_plan")
    op.drop_table("project_gate")
    op.drop_index("ix_project_id", table_name="project")
    op.drop_table("project")
    op.drop_table("community_profile")
