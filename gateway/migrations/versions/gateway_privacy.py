"""Privacy: consents, requests, whom to erase, and the function that forgets a resident."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.migrations.forget import create_erasure_due, create_forget_resident, drop_forget_resident

revision = "gateway_privacy"
down_revision = "gateway_exchange"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
EMPTIED = (
    "UPDATE consent SET consent = '{}' WHERE consent IS NOT NULL AND resident_id = resident",
    "UPDATE privacy_request SET what = '' WHERE resident_id = resident",
    "UPDATE privacy_request SET consent = '{}' WHERE consent IS NOT NULL AND resident_id = resident",
)


def _assisted(table: str) -> tuple[sa.Column[Any] | sa.CheckConstraint, ...]:
    return (
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')", name=f"ck_{table}_channel_known"
        ),
        sa.CheckConstraint("channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=f"ck_{table}_consented"),
    )


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
        *_assisted("consent"),
        sa.CheckConstraint("number > 0", name="ck_consent_counted"),
        sa.PrimaryKeyConstraint("resident_id", "application", "number", name="pk_consent"),
    )
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("erased_in", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        *_assisted("privacy_request"),
        sa.CheckConstraint("kind IN ('erasure', 'correction')", name="ck_privacy_request_kind_known"),
        sa.CheckConstraint("verdict IN ('accepted', 'declined')", name="ck_privacy_request_verdict_known"),
        sa.CheckConstraint(
            "num_nulls(verdict, decided_by, reason, decided_at) IN (0, 4)",
            name="ck_privacy_request_a_decision_is_whole",
        ),
        sa.CheckConstraint("decided_by <> given_by", name="ck_privacy_request_by_two_persons"),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_request"),
    )
    op.create_index("ix_privacy_request_community_code", "privacy_request", ["community_code", "id"])
    op.create_index(
        "uq_privacy_request_erasure",
        "privacy_request",
        ["resident_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'erasure' AND done_at IS NULL AND verdict IS DISTINCT FROM 'declined'"),
    )
    create_erasure_due()
    create_forget_resident("linli_gateway", *EMPTIED)


def downgrade() -> None:
    drop_forget_resident()
    for table in ("erasure_due", "privacy_request", "consent"):
        op.drop_table(table)
