"""Netting windows: what was found, who pays whom, and who agreed."""

import sqlalchemy as sa
from alembic import op

revision = "points_netting"
down_revision = "points_commit_order_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "netting_window",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("up_to_xid", sa.BigInteger(), nullable=True),
        sa.Column("computed_by", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aborted_by", sa.Text(), nullable=True),
        sa.Column("aborted_because", sa.Text(), nullable=True),
        sa.CheckConstraint("(up_to_xid IS NULL) = (closed_at IS NULL)", name="ck_netting_window_closed_by_sequence"),
        sa.CheckConstraint("settled_by <> computed_by", name="ck_netting_window_two_persons"),
        sa.PrimaryKeyConstraint("number", name="pk_netting_window"),
    )
    op.create_table(
        "netting_confirmation",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["netting_window.number"], name="fk_netting_confirmation_number"),
        sa.PrimaryKeyConstraint("community_code", "number", name="pk_netting_confirmation"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "netting_payment",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("creditor", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0 AND community_code <> creditor", name="ck_netting_payment_pays_another"),
        sa.ForeignKeyConstraint(["number"], ["netting_window.number"], name="fk_netting_payment_number"),
        sa.PrimaryKeyConstraint("community_code", "number", "creditor", name="pk_netting_payment"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "netting_position",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["netting_window.number"], name="fk_netting_position_number"),
        sa.PrimaryKeyConstraint("community_code", "number", "counterparty", name="pk_netting_position"),
        info={"grants": "SELECT, INSERT"},
    )


def downgrade() -> None:
    op.drop_table("netting_position")
    op.drop_table("netting_payment")
    op.drop_table("netting_confirmation")
    op.drop_table("netting_window")
