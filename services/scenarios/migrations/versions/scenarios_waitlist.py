"""Seats by category and party, and the waitlist."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_waitlist"
down_revision = "scenarios_modes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waitlist_entry",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("resident_community_code", sa.Text(), nullable=False),
        sa.Column("party_size", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name=op.f("ck_waitlist_entry_offered")),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_waitlist_entry_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_waitlist_entry_channel_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'declined', 'lapsed')",
            name=op.f("ck_waitlist_entry_state_known"),
        ),
        sa.CheckConstraint("party_size > 0", name=op.f("ck_waitlist_entry_party")),
        sa.ForeignKeyConstraint(
            ["community_code", "activity_id"],
            ["activity.community_code", "activity.id"],
            name=op.f("fk_waitlist_entry_community_code_activity_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_waitlist_entry")),
    )
    op.create_index("ix_waitlist_entry_id", "waitlist_entry", ["id"], unique=False)
    op.create_index(
        "uq_waitlist_entry_standing",
        "waitlist_entry",
        ["community_code", "activity_id", "resident_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.create_table(
        "withdrawal",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("party_size", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_withdrawal_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_withdrawal_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "activity_id", "resident_id"],
            ["sign_up.community_code", "sign_up.activity_id", "sign_up.resident_id"],
            name=op.f("fk_withdrawal_community_code_activity_id_resident_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_withdrawal")),
        info={"grants": "SELECT, INSERT"},
    )
    op.add_column(
        "activity", sa.Column("quotas", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column(
        "activity", sa.Column("taken", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("activity", sa.Column("quotas_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("activity", sa.Column("waiting", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("activity", sa.Column("waitlist_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("activity", sa.Column("offer_minutes", sa.BigInteger(), server_default="120", nullable=False))
    op.add_column("sign_up", sa.Column("party_size", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("sign_up", sa.Column("category", sa.Text(), server_default="general", nullable=False))
    op.add_column("sign_up", sa.Column("state", sa.Text(), server_default="seated", nullable=False))
    op.create_check_constraint(op.f("ck_activity_waiting"), "activity", "waiting >= 0")
    op.create_check_constraint(op.f("ck_sign_up_party"), "sign_up", "party_size > 0")
    op.create_check_constraint(op.f("ck_sign_up_state_known"), "sign_up", "state IN ('seated', 'withdrawn')")
    op.execute("UPDATE activity SET taken = jsonb_build_object('general', seats_taken) WHERE seats_taken > 0")


def downgrade() -> None:
    op.drop_column("sign_up", "state")
    op.drop_column("sign_up", "category")
    op.drop_column("sign_up", "party_size")
    op.drop_column("activity", "offer_minutes")
    op.drop_column("activity", "waitlist_until")
    op.drop_column("activity", "waiting")
    op.drop_column("activity", "quotas_until")
    op.drop_column("activity", "taken")
    op.drop_column("activity", "quotas")
    op.drop_table("withdrawal")
    op.drop_index(
        "uq_waitlist_entry_standing",
        table_name="waitlist_entry",
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.drop_index("ix_waitlist_entry_id", table_name="waitlist_entry")
    op.drop_table("waitlist_entry")
