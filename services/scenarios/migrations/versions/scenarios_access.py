"""Door codes, households and their quotas."""

import sqlalchemy as sa
from alembic import op

revision = "scenarios_access"
down_revision = "scenarios_series"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking_quota",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("minutes_a_week", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("minutes_a_week > 0", name=op.f("ck_booking_quota_minutes")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_booking_quota_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", name=op.f("pk_booking_quota")),
    )
    op.create_table(
        "household_member",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_household_member_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "resident_id", name=op.f("pk_household_member")),
    )
    op.create_index(
        "ix_household_member_household", "household_member", ["community_code", "household_id"], unique=False
    )
    op.create_table(
        "access_grant",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{6}$'", name=op.f("ck_access_grant_code")),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["booking.community_code", "booking.id"],
            name=op.f("fk_access_grant_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "booking_id", name=op.f("pk_access_grant")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "access_entry",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "booking_id"],
            ["access_grant.community_code", "access_grant.booking_id"],
            name=op.f("fk_access_entry_community_code_booking_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_access_entry")),
        info={"grants": "SELECT, INSERT"},
    )


def downgrade() -> None:
    op.drop_table("access_entry")
    op.drop_table("access_grant")
    op.drop_index("ix_household_member_household", table_name="household_member")
    op.drop_table("household_member")
    op.drop_table("booking_quota")
