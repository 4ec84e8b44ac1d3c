"""Lists, covenants, shared spaces and deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_covenants"
down_revision = "operations_cockpit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_entry",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("promised", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('need', 'resource', 'project')", name="ck_list_entry_kind_is_known"),
        sa.CheckConstraint("first_day <= last_day", name="ck_list_entry_days_are_in_order"),
        sa.CheckConstraint(
            "quantity > 0 AND promised >= 0 AND promised <= quantity", name="ck_list_entry_promises_are_covered"
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_list_entry"),
    )
    op.create_index("ix_list_entry_match", "list_entry", ["kind", "category", "community_code"], unique=False)
    op.create_table(
        "service_delivery",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("served", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("served > 0", name="ck_service_delivery_served_is_positive"),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_service_delivery"),
    )
    op.create_index("ix_service_delivery_day", "service_delivery", ["community_code", "delivered_on"], unique=False)
    op.create_table(
        "shared_space",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("cost_key", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_shared_space"),
    )
    op.create_table(
        "co_build_covenant",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("resource_community_code", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'in_force', 'withdrawn')", name="ck_co_build_covenant_state_is_known"
        ),
        sa.CheckConstraint("quantity > 0", name="ck_co_build_covenant_quantity_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "need_id"], ["list_entry.community_code", "list_entry.id"], name="fk_need"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "project_id"], ["list_entry.community_code", "list_entry.id"], name="fk_project"
        ),
        sa.ForeignKeyConstraint(
            ["resource_community_code", "resource_id"],
            ["list_entry.community_code", "list_entry.id"],
            name="fk_resource",
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_co_build_covenant"),
    )
    op.create_table(
        "service_delivery_part",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("quarter_hours", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "source <> 'volunteer' OR cost_fen = 0", name="ck_service_delivery_part_volunteers_are_not_paid"
        ),
        sa.CheckConstraint(
            "source IN ('municipal', 'market', 'volunteer')", name="ck_service_delivery_part_source_is_known"
        ),
        sa.CheckConstraint("quarter_hours > 0 AND cost_fen >= 0", name="ck_service_delivery_part_amounts_are_counts"),
        sa.ForeignKeyConstraint(
            ["community_code", "delivery_id"],
            ["service_delivery.community_code", "service_delivery.id"],
            name="fk_service_delivery_part_community_code_delivery_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "delivery_id", "number", name="pk_service_delivery_part"),
        sa.UniqueConstraint(
            "community_code", "source", "evidence", name="uq_service_delivery_part_community_code_source_evidence"
        ),
    )
    op.create_table(
        "shared_cost",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("shares", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="ck_shared_cost_amount_is_positive"),
        sa.CheckConstraint("extract(day FROM month) = 1", name="ck_shared_cost_month_is_a_month"),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["shared_space.community_code", "shared_space.id"],
            name="fk_shared_cost_community_code_space_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_shared_cost"),
        sa.UniqueConstraint("community_code", "space_id", "month", name="uq_shared_cost_community_code_space_id_month"),
    )
    op.create_table(
        "co_build_covenant_signature",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("covenant_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("side IN ('need', 'resource')", name="ck_co_build_covenant_signature_side_is_known"),
        sa.ForeignKeyConstraint(
            ["community_code", "covenant_id"],
            ["co_build_covenant.community_code", "co_build_covenant.id"],
            name="fk_co_build_covenant_signature_community_code_covenant_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "covenant_id", "side", name="pk_co_build_covenant_signature"),
    )
    op.create_index(
        "uq_co_build_covenant_signature_hand",
        "co_build_covenant_signature",
        ["community_code", "covenant_id", "signed_by"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_co_build_covenant_signature_hand", table_name="co_build_covenant_signature")
    op.drop_table("co_build_covenant_signature")
    op.drop_table("shared_cost")
    op.drop_table("service_delivery_part")
    op.drop_table("co_build_covenant")
    op.drop_table("shared_space")
    op.drop_index("ix_service_delivery_day", table_name="service_delivery")
    op.drop_table("service_delivery")
    op.drop_index("ix_list_entry_match", table_name="list_entry")
    op.drop_table("list_entry")
