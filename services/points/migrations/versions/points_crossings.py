"""Purchases in other cells, those from other cells, and what cells do not agree on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "points_crossings"
down_revision = "points_debit_caps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crossing",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("crossing_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("to_community", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("request_no", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision_no", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("price > 0 AND paid >= price", name=op.f("ck_crossing_discount_never_gains")),
        sa.CheckConstraint("state IN ('requested', 'captured', 'released')", name=op.f("ck_crossing_state_known")),
        sa.CheckConstraint(
            "(state = 'requested') = (decision_no IS NULL)", name=op.f("ck_crossing_decided_by_the_other")
        ),
        sa.PrimaryKeyConstraint("community_code", "crossing_id", name=op.f("pk_crossing")),
        sa.UniqueConstraint("community_code", "to_community", "request_no", name="uq_crossing_request_no"),
    )
    op.create_index(
        "ix_crossing_waiting",
        "crossing",
        ["community_code", "asked_at"],
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_table(
        "arrival",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("crossing_id", sa.Uuid(), nullable=False),
        sa.Column("from_community", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("request_no", sa.BigInteger(), nullable=False),
        sa.Column("decision_no", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price > 0", name=op.f("ck_arrival_price_positive")),
        sa.CheckConstraint("accepted = (reason IS NULL)", name=op.f("ck_arrival_refused_for_a_reason")),
        sa.PrimaryKeyConstraint("community_code", "crossing_id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("community_code", "from_community", "decision_no", name="uq_arrival_decision_no"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_arrival_request_no", "arrival", ["community_code", "from_community", "request_no"])
    op.create_table(
        "discord",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "counterparty", name=op.f("pk_discord")),
        info={"grants": "SELECT, INSERT"},
    )


def downgrade() -> None:
    op.drop_table("discord")
    op.drop_table("arrival")
    op.drop_table("crossing")
