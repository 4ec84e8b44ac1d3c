"""Atomic units, holds, and windows in which spaces can be booked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_units"
down_revision = "scenarios_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ordinary', 'holiday', 'make_up_workday')", name=op.f("ck_calendar_day_kind_known")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "unit",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name=op.f("fk_unit_community_code")),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_unit")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "bookable_window",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grid_from", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grid_from <= starts_at AND starts_at < ends_at", name=op.f("ck_bookable_window_period")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_bookable_window_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "space_id", "function", "starts_at", name=op.f("pk_bookable_window")),
    )
    op.create_table(
        "booking_decision",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_booking_decision_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", name=op.f("pk_booking_decision")),
        info={"grants": "SELECT, INSERT"},
    )
    op.add_column("booking", sa.Column("function", sa.Text(), server_default="base", nullable=False))
    op.add_column("booking", sa.Column("state", sa.Text(), server_default="confirmed", nullable=False))
    op.add_column("booking", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking", sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE booking SET state = 'cancelled' FROM cancellation c WHERE c.booking_id = booking.id")
    op.create_check_constraint(
        op.f("ck_booking_state_known"),
        "booking",
        "state IN ('held', 'requested', 'confirmed', 'declined', 'cancelled')",
    )
    op.create_check_constraint(
        op.f("ck_booking_expires"), "booking", "(state IN ('held', 'requested')) = (expires_at IS NOT NULL)"
    )
    op.add_column(
        "booking", sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("claim", sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False))
    op.add_column("claim", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("pk_claim"), "claim")
    op.create_primary_key(op.f("pk_claim"), "claim", ["community_code", "id"])
    op.execute("INSERT INTO unit (community_code, id) SELECT community_code, id FROM space")
    op.create_index("ix_claim_booking", "claim", ["community_code", "booking_id"], unique=False)
    op.drop_constraint(op.f("fk_claim_community_code_unit_id"), "claim", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_claim_community_code_unit_id"),
        "claim",
        "unit",
        ["community_code", "unit_id"],
        ["community_code", "id"],
    )
    op.add_column("space", sa.Column("unit_ids", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.execute("UPDATE space SET unit_ids = ARRAY[id]")
    op.alter_column("space", "unit_ids", nullable=False)
    op.create_check_constraint(op.f("ck_space_has_units"), "space", "cardinality(unit_ids) > 0")
    op.add_column("space", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "space", sa.Column("holiday_hours", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "space",
        sa.Column("make_up_workday_hours", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column("space", sa.Column("approval_required", sa.Boolean(), server_default="false", nullable=False))
    # The worker lays the windows out as soon as it starts: until then no space that is there can be booked anew.
    op.add_column("space", sa.Column("laid_out_until", sa.Date(), server_default="2000-01-01", nullable=False))
    op.alter_column("space", "laid_out_until", server_default=None)


def downgrade() -> None:
    op.drop_column("space", "laid_out_until")
    op.drop_column("space", "approval_required")
    op.drop_column("space", "make_up_workday_hours")
    op.drop_column("space", "holiday_hours")
    op.drop_column("space", "retired_at")
    op.drop_column("space", "unit_ids")
    op.drop_constraint(op.f("fk_claim_community_code_unit_id"), "claim", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_claim_community_code_unit_id"),
        "claim",
        "space",
        ["community_code", "unit_id"],
        ["community_code", "id"],
    )
    op.drop_index("ix_claim_booking", table_name="claim")
    op.drop_column("claim", "expires_at")
    op.drop_constraint(op.f("pk_claim"), "claim")
    op.create_primary_key(op.f("pk_claim"), "claim", ["community_code", "booking_id", "unit_id"])
    op.drop_column("claim", "id")
    op.drop_column("booking", "changed_at")
    op.drop_column("booking", "sequence")
    op.drop_column("booking", "expires_at")
    op.drop_column("booking", "state")
    op.drop_column("booking", "function")
    op.drop_table("booking_decision")
    op.drop_table("bookable_window")
    op.drop_table("unit")
    op.drop_table("calendar_day")
