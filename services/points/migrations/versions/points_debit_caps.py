"""Net debit caps, and an index of the quotes that count against them."""

import sqlalchemy as sa
from alembic import op

revision = "points_debit_caps"
down_revision = "points_corridors_move"
branch_labels = None
depends_on = None

OPEN = sa.text("used_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "debit_cap",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("soft", sa.BigInteger(), nullable=False),
        sa.Column("hard", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("0 <= soft AND soft <= hard", name=op.f("ck_debit_cap_soft_before_hard")),
        sa.CheckConstraint("community_code <> counterparty", name=op.f("ck_debit_cap_owes_another")),
        sa.PrimaryKeyConstraint("community_code", "counterparty", "version", name=op.f("pk_debit_cap")),
        info={"grants": "SELECT, INSERT"},
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_quote_open",
            "quote",
            ["community_code", "expires_at"],
            postgresql_where=OPEN,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_quote_open", table_name="quote")
    op.drop_table("debit_cap")
