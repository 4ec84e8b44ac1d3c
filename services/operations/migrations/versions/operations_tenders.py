"""Tenders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_tenders"
down_revision = "operations_anomalies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tender",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scene", sa.Text(), nullable=False),
        sa.Column("licences", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("bids_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.CheckConstraint("budget_fen > 0", name="ck_tender_budget_is_positive"),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name="fk_tender_community_code"),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_tender"),
    )
    op.create_index("ix_tender_id", "tender", ["id"], unique=False)
    op.create_table(
        "tender_ballot",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("interests", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scores IS NULL OR commitment IS NOT NULL", name="ck_tender_ballot_sealed_before_it_is_opened"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "tender_id"],
            ["tender.community_code", "tender.id"],
            name="fk_tender_ballot_community_code_tender_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "tender_id", "evaluator", name="pk_tender_ballot"),
    )
    op.create_table(
        "tender_bid",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("price_fen > 0", name="ck_tender_bid_price_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "tender_id"],
            ["tender.community_code", "tender.id"],
            name="fk_tender_bid_community_code_tender_id",
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_tender_bid_provider_id"),
        sa.PrimaryKeyConstraint("community_code", "tender_id", "provider_id", name="pk_tender_bid"),
    )
    op.create_table(
        "tender_award",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awarded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "tender_id", "provider_id"],
            ["tender_bid.community_code", "tender_bid.tender_id", "tender_bid.provider_id"],
            name="fk_tender_award_community_code_tender_id_provider_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "tender_id", name="pk_tender_award"),
    )


def downgrade() -> None:
    op.drop_table("tender_award")
    op.drop_table("tender_bid")
    op.drop_table("tender_ballot")
    op.drop_index("ix_tender_id", table_name="tender")
    op.drop_table("tender")
