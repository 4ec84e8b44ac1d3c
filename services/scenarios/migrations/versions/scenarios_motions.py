"""Motions in five stages, polls and secret ballots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_motions"
down_revision = "scenarios_booking_use"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "motion",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="wishes", nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "stage IN ('wishes', 'design', 'vote', 'supervision', 'acceptance', 'closed')",
            name=op.f("ck_motion_stage_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_motion_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_motion")),
    )
    op.create_index("ix_motion_id", "motion", ["id"], unique=False)
    op.create_table(
        "contribution",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("contributed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_contribution_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_contribution_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "motion_id"],
            ["motion.community_code", "motion.id"],
            name=op.f("fk_contribution_community_code_motion_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_contribution")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_contribution_motion", "contribution", ["community_code", "motion_id", "id"], unique=False)
    op.create_table(
        "poll",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "kind IN ('decision', 'weighty-decision', 'approval', 'budget')", name=op.f("ck_poll_kind_known")
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_poll_times")),
        sa.ForeignKeyConstraint(
            ["community_code", "motion_id"],
            ["motion.community_code", "motion.id"],
            name=op.f("fk_poll_community_code_motion_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "motion_id", name=op.f("pk_poll")),
    )
    op.create_table(
        "stage_record",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("evidence <> '{}'::jsonb", name=op.f("ck_stage_record_evidenced")),
        sa.ForeignKeyConstraint(
            ["community_code", "motion_id"],
            ["motion.community_code", "motion.id"],
            name=op.f("fk_stage_record_community_code_motion_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "motion_id", "stage", name=op.f("pk_stage_record")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "answer",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "contribution_id"],
            ["contribution.community_code", "contribution.id"],
            name=op.f("fk_answer_community_code_contribution_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "contribution_id", name=op.f("pk_answer")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "ballot",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "motion_id"],
            ["poll.community_code", "poll.motion_id"],
            name=op.f("fk_ballot_community_code_motion_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "motion_id", "id", name=op.f("pk_ballot")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "cast_ballot",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "motion_id"],
            ["poll.community_code", "poll.motion_id"],
            name=op.f("fk_cast_ballot_community_code_motion_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "motion_id", "id", name=op.f("pk_cast_ballot")),
    )
    op.create_table(
        "elector",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("area_dm2 >= 0", name=op.f("ck_elector_area")),
        sa.ForeignKeyConstraint(
            ["community_code", "motion_id"],
            ["poll.community_code", "poll.motion_id"],
            name=op.f("fk_elector_community_code_motion_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "motion_id", "resident_id", name=op.f("pk_elector")),
    )
    op.create_table(
        "turnout",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_turnout_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_turnout_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "motion_id", "resident_id"],
            ["elector.community_code", "elector.motion_id", "elector.resident_id"],
            name=op.f("fk_turnout_community_code_motion_id_resident_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "motion_id", "resident_id", name=op.f("pk_turnout")),
        info={"grants": "SELECT, INSERT"},
    )


def downgrade() -> None:
    op.drop_table("turnout")
    op.drop_table("elector")
    op.drop_table("cast_ballot")
    op.drop_table("ballot")
    op.drop_table("answer")
    op.drop_table("stage_record")
    op.drop_table("poll")
    op.drop_index("ix_contribution_motion", table_name="contribution")
    op.drop_table("contribution")
    op.drop_index("ix_motion_id", table_name="motion")
    op.drop_table("motion")
