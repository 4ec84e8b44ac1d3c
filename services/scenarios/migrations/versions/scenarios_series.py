"""Series, reschedulings, and lists of bookings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_series"
down_revision = "scenarios_waitlist"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking_series",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_booking_series_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_booking_series_channel_known"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_booking_series")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_booking_series_id", "booking_series", ["id"], unique=False)
    op.create_table(
        "rescheduling",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rescheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_rescheduling_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_rescheduling_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_rescheduling_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", "sequence", name=op.f("pk_rescheduling")),
        info={"grants": "SELECT, INSERT"},
    )
    op.add_column("booking", sa.Column("series_id", sa.Uuid(), nullable=True))
    op.create_index("ix_booking_resident", "booking", ["resident_id", "starts_at", "id"], unique=False)
    op.create_index("ix_booking_series", "booking", ["community_code", "series_id", "starts_at"], unique=False)
    op.create_foreign_key(
        op.f("fk_booking_community_code_series_id"),
        "booking",
        "booking_series",
        ["community_code", "series_id"],
        ["community_code", "id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_booking_community_code_series_id"), "booking", type_="foreignkey")
    op.drop_index("ix_booking_series", table_name="booking")
    op.drop_index("ix_booking_resident", table_name="booking")
    op.drop_column("booking", "series_id")
    op.drop_table("rescheduling")
    op.drop_index("ix_booking_series_id", table_name="booking_series")
    op.drop_table("booking_series")
