"""Hours kept for assisted bookings, and age bands."""

import sqlalchemy as sa
from alembic import op

revision = "scenarios_assistance"
down_revision = "scenarios_arrivals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "age_band",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.CheckConstraint("band IN ('0-17', '18-59', '60-79', '80+')", name=op.f("ck_age_band_band_known")),
        sa.PrimaryKeyConstraint("community_code", "resident_id", name=op.f("pk_age_band")),
    )
    op.create_table(
        "assisted_reserve",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("from_minute", sa.BigInteger(), nullable=False),
        sa.Column("to_minute", sa.BigInteger(), nullable=False),
        sa.Column("release_hours", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < to_minute AND to_minute <= 1440", name=op.f("ck_assisted_reserve_hours")
        ),
        sa.CheckConstraint("release_hours > 0", name=op.f("ck_assisted_reserve_release")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_assisted_reserve_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "space_id", name=op.f("pk_assisted_reserve")),
    )


def downgrade() -> None:
    op.drop_table("assisted_reserve")
    op.drop_table("age_band")
