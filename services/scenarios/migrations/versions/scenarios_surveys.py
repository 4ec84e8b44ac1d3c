"""Surveys with frozen instruments, and needs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_surveys"
down_revision = "scenarios_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("questions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("strata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('demand', 'satisfaction')", name=op.f("ck_survey_kind_known")),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_survey_times")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_survey_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_survey")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_survey_id", "survey", ["id"], unique=False)
    op.create_table(
        "need",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("option", sa.Text(), nullable=False),
        sa.Column("votes", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("indicator_no", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("votes > 0 AND rank > 0 AND indicator_no BETWEEN 1 AND 33", name=op.f("ck_need_amounts")),
        sa.ForeignKeyConstraint(
            ["community_code", "survey_id"],
            ["survey.community_code", "survey.id"],
            name=op.f("fk_need_community_code_survey_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_need")),
        sa.UniqueConstraint(
            "community_code",
            "survey_id",
            "question",
            "option",
            name=op.f("uq_need_community_code_survey_id_question_option"),
        ),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_need_id", "need", ["id"], unique=False)
    op.create_table(
        "paper_entry",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "survey_id"],
            ["survey.community_code", "survey.id"],
            name=op.f("fk_paper_entry_community_code_survey_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_code", "survey_id", "resident_id", "entered_by", name=op.f("pk_paper_entry")
        ),
    )
    op.create_table(
        "response",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_response_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_response_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "survey_id"],
            ["survey.community_code", "survey.id"],
            name=op.f("fk_response_community_code_survey_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "survey_id", "resident_id", name=op.f("pk_response")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "need_answer",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('programme', 'space', 'activity', 'facility')", name=op.f("ck_need_answer_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "need_id"],
            ["need.community_code", "need.id"],
            name=op.f("fk_need_answer_community_code_need_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "need_id", "kind", "answer_id", name=op.f("pk_need_answer")),
        info={"grants": "SELECT, INSERT"},
    )


def downgrade() -> None:
    op.drop_table("need_answer")
    op.drop_table("response")
    op.drop_table("paper_entry")
    op.drop_index("ix_need_id", table_name="need")
    op.drop_table("need")
    op.drop_index("ix_survey_id", table_name="survey")
    op.drop_table("survey")
