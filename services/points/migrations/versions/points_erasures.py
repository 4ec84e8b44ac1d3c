"""Erasures. That evidence may be emptied follows from the table's grants."""

import sqlalchemy as sa
from alembic import op

revision = "points_erasures"
down_revision = "points_families"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_by", sa.Text(), nullable=False),
        sa.Column("evidence_erased", sa.BigInteger(), nullable=False),
        sa.Column("points_to_pool", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "resident_id", "erased_at", name="pk_erasure"),
    )
    op.create_index("ix_deed_resident_id", "deed", ["resident_id"])


def downgrade() -> None:
    op.drop_index("ix_deed_resident_id", table_name="deed")
    op.drop_table("erasure")
