"""Operating statements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_statements"
down_revision = "operations_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operating_statement",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("project_type", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=True),
        sa.Column("costs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("income", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("income_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("in_kind_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserve_fen", sa.BigInteger(), nullable=False),
        sa.Column("volumes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("cost_fen > 0", name=op.f("ck_operating_statement_cost_is_positive")),
        sa.CheckConstraint("households > 0", name=op.f("ck_operating_statement_households_are_positive")),
        sa.CheckConstraint(
            "income_fen >= 0 AND subsidy_fen >= 0 AND in_kind_fen >= 0",
            name=op.f("ck_operating_statement_income_is_not_negative"),
        ),
        sa.CheckConstraint("reserve_fen >= 0", name=op.f("ck_operating_statement_reserve_is_not_negative")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_operating_statement_revision_counts_from_1")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_operating_statement_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "year", "revision", name=op.f("pk_operating_statement")),
    )
    op.create_index("ix_operating_statement_year", "operating_statement", ["year", "project_type"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_operating_statement_year", table_name="operating_statement")
    op.drop_table("operating_statement")
