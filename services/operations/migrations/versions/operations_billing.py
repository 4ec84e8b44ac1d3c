"""Deliveries, settlements and retention."""

import sqlalchemy as sa
from alembic import op

revision = "operations_billing"
down_revision = "operations_contracts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("delivered_bp", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.CheckConstraint("delivered_bp BETWEEN 0 AND 10000", name="ck_delivery_share_is_a_share"),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_delivery_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "line_no", "seq", name="pk_delivery"),
    )
    op.create_table(
        "retention_release",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name="ck_retention_release_amount_is_not_negative"),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_retention_release_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", name="pk_retention_release"),
    )
    op.create_table(
        "settlement",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.Column("delivered_fen", sa.BigInteger(), nullable=False),
        sa.Column("abated_fen", sa.BigInteger(), nullable=False),
        sa.Column("retained_fen", sa.BigInteger(), nullable=False),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "delivered_fen <= due_fen AND abated_fen >= 0 AND retained_fen >= 0 AND payable_fen >= 0",
            name="ck_settlement_no_sum_is_negative",
        ),
        sa.CheckConstraint(
            "delivered_fen = abated_fen + retained_fen + payable_fen", name="ck_settlement_the_sums_add_up"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id", "line_no", "seq"],
            ["delivery.community_code", "delivery.contract_id", "delivery.line_no", "delivery.seq"],
            name="fk_settlement_community_code_contract_id_line_no_seq",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "line_no", "seq", name="pk_settlement"),
        sa.UniqueConstraint(
            "community_code",
            "contract_id",
            "invoice_number",
            name="uq_settlement_community_code_contract_id_invoice_number",
        ),
    )


def downgrade() -> None:
    op.drop_table("settlement")
    op.drop_table("retention_release")
    op.drop_table("delivery")
