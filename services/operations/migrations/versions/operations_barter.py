"""Space for service."""

import sqlalchemy as sa
from alembic import op

revision = "operations_barter"
down_revision = "operations_billing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "barter_delivery",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_barter_delivery_quantity_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_barter_delivery_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_barter_delivery"),
    )
    op.create_index(
        "ix_barter_delivery_period",
        "barter_delivery",
        ["community_code", "contract_id", "line_no", "seq"],
        unique=False,
    )
    op.create_table(
        "barter_true_up",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("rent_fen", sa.BigInteger(), nullable=False),
        sa.Column("service_fen", sa.BigInteger(), nullable=False),
        sa.Column("brought_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("carried_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "carried_fen = brought_fen + rent_fen - service_fen - paid_fen",
            name="ck_barter_true_up_the_sums_add_up",
        ),
        sa.CheckConstraint("paid_fen = 0 OR carried_fen = 0", name="ck_barter_true_up_all_is_paid_or_all_is_carried"),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_barter_true_up_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "line_no", "seq", name="pk_barter_true_up"),
    )


def downgrade() -> None:
    op.drop_table("barter_true_up")
    op.drop_index("ix_barter_delivery_period", table_name="barter_delivery")
    op.drop_table("barter_delivery")
