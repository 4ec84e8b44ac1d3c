"""Work orders of check-ups, entry permits and burdens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_work_orders"
down_revision = "operations_tenders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_order",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("checkup_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.CheckConstraint("urgency IN ('urgent', 'usual')", name="ck_work_order_urgency_is_known"),
        sa.ForeignKeyConstraint(
            ["community_code", "checkup_id"],
            ["checkup_result.community_code", "checkup_result.checkup_id"],
            name="fk_work_order_community_code_checkup_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_work_order"),
        sa.UniqueConstraint(
            "community_code", "checkup_id", "item", name="uq_work_order_community_code_checkup_id_item"
        ),
    )
    op.create_table(
        "work_step",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name="ck_work_step_number_counts_from_1"),
        sa.CheckConstraint("payment_id IS NULL OR state = 'accepted'", name="ck_work_step_accepted_work_is_paid"),
        sa.CheckConstraint(
            "state IN ('assigned', 'done', 'sent_back', 'accepted')", name="ck_work_step_state_is_known"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "order_id"],
            ["work_order.community_code", "work_order.id"],
            name="fk_work_step_community_code_order_id",
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "payment_id"],
            ["fund_payment.community_code", "fund_payment.id"],
            name="fk_work_step_community_code_payment_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "order_id", "number", name="pk_work_step"),
    )
    op.create_table(
        "entry_permit",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("minutes_per_case", sa.BigInteger(), nullable=False),
        sa.Column("cases_per_year", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint("cases_per_year > 0 AND minutes_per_case > 0", name="ck_entry_permit_amounts_are_positive"),
        sa.CheckConstraint("decided_by <> applied_by", name="ck_entry_permit_two_persons"),
        sa.CheckConstraint(
            "num_nulls(verdict, reason, decided_at, decided_by) IN (0, 4)", name="ck_entry_permit_a_decision_is_whole"
        ),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_entry_permit_term_is_in_order"),
        sa.CheckConstraint("verdict IN ('granted', 'refused')", name="ck_entry_permit_verdict_is_known"),
        sa.PrimaryKeyConstraint("id", name="pk_entry_permit"),
    )
    op.create_index("ix_entry_permit_area", "entry_permit", ["area"], unique=False)
    op.create_table(
        "burden_demand",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=True),
        sa.Column("turned_away", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(turned_away IS NULL) = (case_no IS NOT NULL)", name="ck_burden_demand_admitted_or_turned_away"
        ),
        sa.CheckConstraint(
            "case_no IS NULL OR permit_id IS NOT NULL", name="ck_burden_demand_what_is_admitted_has_a_permit"
        ),
        sa.CheckConstraint("minutes >= 0", name="ck_burden_demand_minutes_are_not_negative"),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name="fk_burden_demand_community_code"
        ),
        sa.ForeignKeyConstraint(["permit_id"], ["entry_permit.id"], name="fk_burden_demand_permit_id"),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_burden_demand"),
        sa.UniqueConstraint(
            "community_code",
            "permit_id",
            "year",
            "case_no",
            name="uq_burden_demand_community_code_permit_id_year_case_no",
        ),
    )


def downgrade() -> None:
    for table in ("burden_demand", "entry_permit", "work_step", "work_order"):
        op.drop_table(table)
