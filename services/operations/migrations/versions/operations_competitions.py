"""Street competitions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_competitions"
down_revision = "operations_covenants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "competition",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("formula", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("populations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name="ck_competition_days_are_in_order"),
        sa.PrimaryKeyConstraint("id", name="pk_competition"),
    )
    op.create_table(
        "competition_appeal",
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("street_code", sa.Text(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'raised') = (decided_by IS NULL)", name="ck_competition_appeal_decided_by_somebody"
        ),
        sa.CheckConstraint("state IN ('raised', 'upheld', 'dismissed')", name="ck_competition_appeal_state_is_known"),
        sa.CheckConstraint("decided_by <> raised_by", name="ck_competition_appeal_is_not_ones_own"),
        sa.ForeignKeyConstraint(["competition_id"], ["competition.id"], name="fk_competition_appeal_competition_id"),
        sa.PrimaryKeyConstraint("competition_id", "id", name="pk_competition_appeal"),
    )
    op.create_table(
        "competition_ranking",
        sa.Column("competition_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("places", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("excluded", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cleared", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("ranked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ranked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["competition_id"], ["competition.id"], name="fk_competition_ranking_competition_id"),
        sa.PrimaryKeyConstraint("competition_id", "revision", name="pk_competition_ranking"),
    )


def downgrade() -> None:
    op.drop_table("competition_ranking")
    op.drop_table("competition_appeal")
    op.drop_table("competition")
