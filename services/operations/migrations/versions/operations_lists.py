"""Licences, appeals, and the scope and end of decisions."""

import sqlalchemy as sa
from alembic import op

revision = "operations_lists"
down_revision = "operations_communities"
branch_labels = None
depends_on = None


CHECKS = (
    ("provider_listing", "ends_after_it_starts", "ends_at IS NULL OR ends_at > effective_at"),
    ("provider_listing", "ground_is_known", "ground IN ('decision', 'appeal', 'rehabilitation')"),
    (
        "provider_listing",
        "effect_on_running_contracts_is_known",
        "running_contracts IN ('continue', 'suspend', 'terminate')",
    ),
)
WIDENED = (
    (
        "provider",
        "kind_is_known",
        "kind IN ('operator', 'merchant', 'space_operator')",
        "kind IN ('operator', 'merchant')",
    ),
    (
        "provider_listing",
        "state_is_known",
        "state IN ('candidate', 'listed', 'watched', 'debarred')",
        "state IN ('candidate', 'listed', 'debarred')",
    ),
)


def upgrade() -> None:
    op.create_table(
        "provider_licence",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name="ck_provider_licence_ends_after_it_starts"
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_licence_provider_id"),
        sa.PrimaryKeyConstraint("provider_id", "kind", "revision", name="pk_provider_licence"),
    )
    op.create_table(
        "ended_debarment",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "revision"],
            ["provider_listing.provider_id", "provider_listing.revision"],
            name="fk_ended_debarment_provider_id_revision",
        ),
        sa.PrimaryKeyConstraint("provider_id", "revision", name="pk_ended_debarment"),
    )
    op.create_table(
        "provider_appeal",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('upheld', 'dismissed')", name="ck_provider_appeal_outcome_is_known"),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)", name="ck_provider_appeal_an_answer_has_its_time"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "revision"],
            ["provider_listing.provider_id", "provider_listing.revision"],
            name="fk_provider_appeal_provider_id_revision",
        ),
        sa.PrimaryKeyConstraint("provider_id", "revision", name="pk_provider_appeal"),
    )
    op.add_column("provider_listing", sa.Column("area", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("provider_listing", sa.Column("scene", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column(
        "provider_listing", sa.Column("ground", sa.Text(), server_default=sa.text("'decision'"), nullable=False)
    )
    op.add_column(
        "provider_listing",
        sa.Column("running_contracts", sa.Text(), server_default=sa.text("'continue'"), nullable=False),
    )
    op.add_column("provider_listing", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_provider_listing_provider_id_state", "provider_listing", type_="unique")
    for table, name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for table, name, condition, _ in WIDENED:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def downgrade() -> None:
    for table, name, _, condition in WIDENED:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_unique_constraint(
        "uq_provider_listing_provider_id_state",
        "provider_listing",
        ["provider_id", "state"],
    )
    op.drop_column("provider_listing", "ends_at")
    op.drop_column("provider_listing", "running_contracts")
    op.drop_column("provider_listing", "ground")
    op.drop_column("provider_listing", "scene")
    op.drop_column("provider_listing", "area")
    op.drop_table("provider_appeal")
    op.drop_table("ended_debarment")
    op.drop_table("provider_licence")
