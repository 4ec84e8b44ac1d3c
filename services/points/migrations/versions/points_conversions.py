"""Hours become points by rule."""

import sqlalchemy as sa
from alembic import op

revision = "points_conversions"
down_revision = "points_erasures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversion_rule",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("per_quarters", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("quarters_max_per_month", sa.BigInteger(), nullable=False),
        sa.Column("valid_months", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "per_quarters > 0 AND points > 0 AND quarters_max_per_month > 0 AND valid_months > 0",
            name="ck_conversion_rule_gives_something",
        ),
        sa.CheckConstraint("agreed_by <> proposed_by", name="ck_conversion_rule_two_persons"),
        sa.CheckConstraint(
            "(agreed_by IS NULL) = (agreed_at IS NULL)", name="ck_conversion_rule_an_agreement_is_whole"
        ),
        sa.PrimaryKeyConstraint("community_code", "version", name="pk_conversion_rule"),
    )
    op.create_table(
        "conversion",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("conversion_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("rule_version", sa.BigInteger(), nullable=False),
        sa.Column("quarters", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("converted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quarters > 0 AND points > 0", name="ck_conversion_hours_become_points"),
        sa.PrimaryKeyConstraint("community_code", "conversion_id", name="pk_conversion"),
    )
    op.create_index("ix_conversion_month", "conversion", ["community_code", "resident_id", "month"])


def downgrade() -> None:
    op.drop_table("conversion")
    op.drop_table("conversion_rule")
