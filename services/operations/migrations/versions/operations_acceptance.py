"""Acceptance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_acceptance"
down_revision = "operations_fund"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acceptance_rubric",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("rubric", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_acceptance_rubric"),
    )
    op.create_table(
        "acceptance",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("project_type", sa.Text(), nullable=False),
        sa.Column("satisfaction", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("outcome", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="ck_acceptance_decided_has_an_outcome"),
        sa.CheckConstraint("(outcome IS NULL) = (digest IS NULL)", name="ck_acceptance_decided_is_sealed"),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name="fk_acceptance_community_code"),
        sa.ForeignKeyConstraint(["rubric"], ["acceptance_rubric.code"], name="fk_acceptance_rubric"),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_acceptance"),
    )
    op.create_table(
        "acceptance_score",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("assessor", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_array_length(evidence) > 0", name="ck_acceptance_score_evidence_is_given"),
        sa.CheckConstraint("points >= 0", name="ck_acceptance_score_points_are_not_negative"),
        sa.ForeignKeyConstraint(
            ["community_code", "acceptance_id"],
            ["acceptance.community_code", "acceptance.id"],
            name="fk_acceptance_score_community_code_acceptance_id",
        ),
        sa.PrimaryKeyConstraint(
            "community_code", "acceptance_id", "item", "assessor", "revision", name="pk_acceptance_score"
        ),
    )


def downgrade() -> None:
    op.drop_table("acceptance_score")
    op.drop_table("acceptance")
    op.drop_table("acceptance_rubric")
