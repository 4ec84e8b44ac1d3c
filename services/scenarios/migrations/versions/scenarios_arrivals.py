"""Check-in policies, arrivals, missed bookings and exemptions."""

import sqlalchemy as sa
from alembic import op

revision = "scenarios_arrivals"
down_revision = "scenarios_surveys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exemption",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "resident_id", "until", name=op.f("pk_exemption")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "check_in_policy",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("grace_minutes", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grace_minutes BETWEEN 5 AND 120", name=op.f("ck_check_in_policy_grace")),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_check_in_policy_community_code_space_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "space_id", name=op.f("pk_check_in_policy")),
    )
    op.create_table(
        "arrival",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("way IN ('qr', 'desk', 'name')", name=op.f("ck_arrival_way_known")),
        sa.CheckConstraint("left_at >= arrived_at", name=op.f("ck_arrival_after_arrival")),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_arrival_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", name=op.f("pk_arrival")),
    )
    op.create_table(
        "no_show",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("excused_because", sa.Text(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(appealed_at IS NULL) = (appeal IS NULL)", name=op.f("ck_no_show_appealed")),
        sa.CheckConstraint(
            "decided_at IS NULL OR appealed_at IS NOT NULL", name=op.f("ck_no_show_decided_on_an_appeal")
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_no_show_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", name=op.f("pk_no_show")),
    )
    op.create_index("ix_no_show_resident", "no_show", ["community_code", "resident_id", "missed_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_no_show_resident", table_name="no_show")
    op.drop_table("no_show")
    op.drop_table("arrival")
    op.drop_table("check_in_policy")
    op.drop_table("exemption")
