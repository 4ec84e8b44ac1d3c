"""The order of commits, and what was refused: what the chain over all commands is made of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "points_commit_order"
down_revision = "points_0001"
branch_labels = None
depends_on = None

NOW = "pg_current_xact_id()::text::bigint"


def upgrade() -> None:
    # A constant default first: what is there gets 0, the oldest of all, and the table is not rewritten.
    op.add_column("transfer", sa.Column("xid", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("transfer", "xid", server_default=sa.text(NOW))
    op.create_table(
        "refusal",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("refusal_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("xid", sa.BigInteger(), server_default=sa.text(NOW), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "refusal_id", name="pk_refusal"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_refusal_xid", "refusal", ["xid"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_table("refusal")
    op.drop_column("transfer", "xid")
