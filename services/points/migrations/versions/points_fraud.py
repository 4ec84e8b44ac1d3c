"""Screenings and freezes."""

import sqlalchemy as sa
from alembic import op

revision = "points_fraud"
down_revision = "points_settlements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screening",
        sa.Column("screened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("suspected", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("screened_at", name="pk_screening"),
    )
    op.execute("INSERT INTO screening (suspected) VALUES (0)")
    op.create_table(
        "account_freeze",
        sa.Column("freeze_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("upheld_by", sa.Text(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint("lifted_by <> frozen_by", name="ck_account_freeze_two_persons"),
        sa.PrimaryKeyConstraint("freeze_id", name="pk_account_freeze"),
    )
    op.create_index(
        "uq_freeze_open",
        "account_freeze",
        ["who", "detector"],
        unique=True,
        postgresql_where=sa.text("lifted_by IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("account_freeze")
    op.drop_table("screening")
