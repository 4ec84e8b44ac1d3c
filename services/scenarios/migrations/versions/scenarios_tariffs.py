"""What spaces cost, and payments in points."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_tariffs"
down_revision = "scenarios_use_by_function"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tariff",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("fen_per_hour", sa.BigInteger(), nullable=False),
        sa.Column("fen_cap", sa.BigInteger(), nullable=False),
        sa.Column("points_per_hour", sa.BigInteger(), nullable=True),
        sa.Column("points_cap", sa.BigInteger(), nullable=True),
        sa.Column("free_for", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("0 < fen_per_hour AND 0 < fen_cap", name=op.f("ck_tariff_fen")),
        sa.CheckConstraint("(points_per_hour IS NULL) = (points_cap IS NULL)", name=op.f("ck_tariff_points_together")),
        sa.CheckConstraint("0 < points_per_hour AND 0 < points_cap", name=op.f("ck_tariff_points")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_tariff_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "space_id", name=op.f("pk_tariff")),
    )
    op.create_table(
        "payment",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("undoing", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_payment_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_payment_channel_known"),
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_payment_points")),
        sa.CheckConstraint("done BETWEEN 0 AND 3", name=op.f("ck_payment_done")),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_payment_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", name=op.f("pk_payment")),
    )
    op.create_index(
        "ix_payment_due",
        "payment",
        ["hold_until"],
        postgresql_where=sa.text("NOT waiting AND (done > 0 OR NOT undoing)"),
    )


def downgrade() -> None:
    op.drop_index("ix_payment_due", table_name="payment")
    op.drop_table("payment")
    op.drop_table("tariff")
