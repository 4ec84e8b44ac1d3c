"""Communities, spaces, bookings, activities and attendance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_0001"
down_revision = None
branch_labels = ("scenarios",)
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")  # trusted: the database's owner may
    op.create_table(
        "community",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("community_code ~ '^[0-9]{12}$'", name=op.f("ck_community_code_of_12_digits")),
        sa.PrimaryKeyConstraint("community_code", name=op.f("pk_community")),
    )
    op.create_table(
        "activity",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("seats_taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activity_times")),
        sa.CheckConstraint("seats_taken BETWEEN 0 AND capacity", name=op.f("ck_activity_never_oversold")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_activity_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_id", "activity", ["id"], unique=False)
    op.create_table(
        "space",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opening_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("slot_minutes", sa.BigInteger(), nullable=False),
        sa.Column("buffer_minutes", sa.BigInteger(), nullable=False),
        sa.Column("longest_minutes", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "longest_minutes >= slot_minutes AND longest_minutes % slot_minutes = 0", name=op.f("ck_space_longest")
        ),
        sa.CheckConstraint("slot_minutes > 0 AND buffer_minutes >= 0", name=op.f("ck_space_minutes")),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name=op.f("fk_space_community_code")),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_space")),
    )
    op.create_index("ix_space_id", "space", ["id"], unique=False)
    op.create_table(
        "booking",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_booking_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_booking_channel_known"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_booking_period")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_booking_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_booking")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_booking_id", "booking", ["id"], unique=False)
    op.create_table(
        "sign_up",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("resident_community_code", sa.Text(), nullable=False),
        sa.Column("signed_up_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_sign_up_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_sign_up_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "activity_id"],
            ["activity.community_code", "activity.id"],
            name=op.f("fk_sign_up_community_code_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["resident_community_code"], ["community.community_code"], name=op.f("fk_sign_up_resident_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "activity_id", "resident_id", name=op.f("pk_sign_up")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "cancellation",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_cancellation_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_cancellation_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_cancellation_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", name=op.f("pk_cancellation")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "check_in",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_check_in_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_check_in_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "activity_id", "resident_id"],
            ["sign_up.community_code", "sign_up.activity_id", "sign_up.resident_id"],
            name=op.f("fk_check_in_community_code_activity_id_resident_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "activity_id", "resident_id", name=op.f("pk_check_in")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "claim",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("period", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("state", sa.Text(), server_default="taken", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("community_code"), "="),
            (sa.column("unit_id"), "="),
            (sa.column("period"), "&&"),
            where=sa.text("state <> 'released'"),
            using="gist",
            name="claim_never_twice",
        ),
        sa.CheckConstraint("state IN ('taken', 'released')", name=op.f("ck_claim_state_known")),
        sa.CheckConstraint(
            "NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)", name=op.f("ck_claim_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_claim_community_code_booking_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "unit_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_claim_community_code_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", "unit_id", name=op.f("pk_claim")),
    )
    op.create_table(
        "check_out",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_check_out_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_check_out_channel_known"),
        ),
        sa.CheckConstraint(
            "minutes >= 0 AND minutes * interval '1 minute' <= checked_out_at - checked_in_at",
            name=op.f("ck_check_out_minutes"),
        ),
        sa.CheckConstraint("checked_out_at >= checked_in_at", name=op.f("ck_check_out_after_check_in")),
        sa.ForeignKeyConstraint(
            ["community_code", "activity_id", "resident_id"],
            ["check_in.community_code", "check_in.activity_id", "check_in.resident_id"],
            name=op.f("fk_check_out_community_code_activity_id_resident_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "activity_id", "resident_id", name=op.f("pk_check_out")),
        info={"grants": "SELECT, INSERT"},
    )


def downgrade() -> None:
    op.drop_table("check_out")
    op.drop_table("claim")
    op.drop_table("check_in")
    op.drop_table("cancellation")
    op.drop_table("sign_up")
    op.drop_index("ix_booking_id", table_name="booking")
    op.drop_table("booking")
    op.drop_index("ix_space_id", table_name="space")
    op.drop_table("space")
    op.drop_index("ix_activity_id", table_name="activity")
    op.drop_table("activity")
    op.drop_table("community")
    op.execute("DROP EXTENSION btree_gist")
