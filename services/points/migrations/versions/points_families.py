"""Bonds between relatives."""

import sqlalchemy as sa
from alembic import op

revision = "points_families"
down_revision = "points_debarments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "family_bond",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("bond_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("inviter_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invitee_id", sa.Uuid(), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attested_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("relation IN ('spouse', 'parent', 'child')", name="ck_family_bond_relation_is_direct"),
        sa.CheckConstraint("inviter_id <> invitee_id", name="ck_family_bond_two_persons"),
        sa.CheckConstraint("(invitee_id IS NULL) = (consented_at IS NULL)", name="ck_family_bond_who_joins_consents"),
        sa.CheckConstraint(
            "attested_at IS NULL OR consented_at IS NOT NULL", name="ck_family_bond_consent_comes_first"
        ),
        sa.CheckConstraint(
            "num_nulls(attested_at, attested_by, document) IN (0, 3)", name="ck_family_bond_an_attestation_is_whole"
        ),
        sa.PrimaryKeyConstraint("community_code", "bond_id", name="pk_family_bond"),
    )
    op.create_index("ix_family_bond_inviter_id", "family_bond", ["inviter_id"])
    op.create_index("ix_family_bond_invitee_id", "family_bond", ["invitee_id"])
    op.create_index("ix_family_bond_code_hash", "family_bond", ["code_hash"])


def downgrade() -> None:
    op.drop_table("family_bond")
