"""The community fund and its emergencies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_fund"
down_revision = "operations_checkups"
branch_labels = None
depends_on = None

# A transfer moves both balances as the owner: the service's role may not touch them. Rows are locked in order of code.
TRIGGERS = (
    """
    CREATE FUNCTION fund_move_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
    BEGIN
        PERFORM FROM fund_account
        WHERE community_code = NEW.community_code AND code IN (NEW.from_account, NEW.to_account)
        ORDER BY code FOR NO KEY UPDATE;
        UPDATE fund_account
        SET balance_fen = balance_fen + CASE WHEN code = NEW.to_account THEN NEW.amount_fen ELSE -NEW.amount_fen END
        WHERE community_code = NEW.community_code AND code IN (NEW.from_account, NEW.to_account);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER move_balances AFTER INSERT ON fund_transfer
    FOR EACH ROW EXECUTE FUNCTION fund_move_balances()
    """,
    """
    CREATE FUNCTION fund_sum_is_zero() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
    BEGIN
        IF (SELECT sum(balance_fen) FROM fund_account WHERE community_code = NEW.community_code) <> 0 THEN
            RAISE EXCEPTION 'the accounts of the fund of % do not sum to 0', NEW.community_code
                USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_sum_is_zero';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER sum_is_zero AFTER INSERT OR UPDATE ON fund_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fund_sum_is_zero()
    """,
)


def upgrade() -> None:
    op.create_table(
        "fund_check",
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("funds", sa.BigInteger(), nullable=False),
        sa.Column("broken", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("checked_at", name="pk_fund_check"),
    )
    op.create_table(
        "fund",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("fen_per_point", sa.BigInteger(), nullable=False),
        sa.Column("approval_tiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.CheckConstraint("fen_per_point > 0", name="ck_fund_fen_per_point_is_positive"),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name="fk_fund_community_code"),
        sa.PrimaryKeyConstraint("community_code", name="pk_fund"),
    )
    op.create_table(
        "fund_account",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purposes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("(kind = 'outside') = (code = '@outside')", name="ck_fund_account_outside_is_one"),
        sa.CheckConstraint("balance_fen >= 0 OR kind = 'outside'", name="ck_fund_account_is_not_overdrawn"),
        sa.CheckConstraint("kind IN ('pot', 'payable', 'outside')", name="ck_fund_account_kind_is_known"),
        sa.ForeignKeyConstraint(["community_code"], ["fund.community_code"], name="fk_fund_account_community_code"),
        sa.PrimaryKeyConstraint("community_code", "code", name="pk_fund_account"),
    )
    op.create_table(
        "emergency",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("pot", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("approve_within_days", sa.BigInteger(), nullable=False),
        sa.Column("spent_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > declared_at", name="ck_emergency_ends_after_it_begins"),
        sa.CheckConstraint("limit_fen > 0 AND approve_within_days > 0", name="ck_emergency_limits_are_positive"),
        sa.CheckConstraint("spent_fen BETWEEN 0 AND limit_fen", name="ck_emergency_spent_is_within_the_limit"),
        sa.ForeignKeyConstraint(
            ["community_code", "pot"], ["fund_account.community_code", "fund_account.code"], name="fk_pot"
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_emergency"),
    )
    op.create_table(
        "fund_payment",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("pot", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("merchant_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'paid', 'rejected')", name="ck_fund_payment_state_is_known"
        ),
        sa.CheckConstraint("(points IS NULL) = (merchant_id IS NULL)", name="ck_fund_payment_points_are_a_merchants"),
        sa.CheckConstraint("amount_fen > 0", name="ck_fund_payment_amount_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "pot"], ["fund_account.community_code", "fund_account.code"], name="fk_pot"
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_fund_payment"),
        sa.UniqueConstraint(
            "community_code", "id", "requested_by", name="uq_fund_payment_community_code_id_requested_by"
        ),
    )
    op.create_index("ix_fund_payment_id", "fund_payment", ["id"], unique=False)
    op.create_table(
        "fund_transfer",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("from_account", sa.Text(), nullable=False),
        sa.Column("to_account", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="ck_fund_transfer_amount_is_positive"),
        sa.CheckConstraint("from_account <> to_account", name="ck_fund_transfer_sides_differ"),
        sa.ForeignKeyConstraint(
            ["community_code", "from_account"], ["fund_account.community_code", "fund_account.code"], name="fk_from"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "to_account"], ["fund_account.community_code", "fund_account.code"], name="fk_to"
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_fund_transfer"),
        sa.UniqueConstraint("community_code", "reference", name="uq_fund_transfer_community_code_reference"),
    )
    op.create_table(
        "emergency_spend",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_by", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'pending') = (decided_by IS NULL)", name="ck_emergency_spend_decided_by_somebody"),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'recovered')", name="ck_emergency_spend_state_is_known"
        ),
        sa.CheckConstraint("amount_fen > 0", name="ck_emergency_spend_amount_is_positive"),
        sa.CheckConstraint("decided_by <> spent_by", name="ck_emergency_spend_is_not_ones_own"),
        sa.ForeignKeyConstraint(
            ["community_code", "emergency_id"],
            ["emergency.community_code", "emergency.id"],
            name="fk_emergency_spend_community_code_emergency_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_emergency_spend"),
    )
    op.create_index(
        "ix_emergency_spend_emergency", "emergency_spend", ["community_code", "emergency_id", "spent_at"], unique=False
    )
    op.create_table(
        "fund_approval",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approved_by <> requested_by", name="ck_fund_approval_is_not_ones_own"),
        sa.ForeignKeyConstraint(
            ["community_code", "payment_id", "requested_by"],
            ["fund_payment.community_code", "fund_payment.id", "fund_payment.requested_by"],
            name="fk_payment",
        ),
        sa.PrimaryKeyConstraint("community_code", "payment_id", "approved_by", name="pk_fund_approval"),
    )
    op.create_table(
        "fund_settled_receivable",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "payment_id"], ["fund_payment.community_code", "fund_payment.id"], name="fk_payment"
        ),
        sa.PrimaryKeyConstraint("community_code", "redemption_id", name="pk_fund_settled_receivable"),
    )
    op.create_index(
        "ix_fund_settled_receivable_payment", "fund_settled_receivable", ["community_code", "payment_id"], unique=False
    )
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER move_balances ON fund_transfer")
    op.execute("DROP TRIGGER sum_is_zero ON fund_account")
    op.execute("DROP FUNCTION fund_move_balances")
    op.execute("DROP FUNCTION fund_sum_is_zero")
    op.drop_index("ix_fund_settled_receivable_payment", table_name="fund_settled_receivable")
    op.drop_table("fund_settled_receivable")
    op.drop_table("fund_approval")
    op.drop_index("ix_emergency_spend_emergency", table_name="emergency_spend")
    op.drop_table("emergency_spend")
    op.drop_table("fund_transfer")
    op.drop_index("ix_fund_payment_id", table_name="fund_payment")
    op.drop_table("fund_payment")
    op.drop_table("emergency")
    op.drop_table("fund_account")
    op.drop_table("fund")
    op.drop_table("fund_check")
