"""Corridors that move with what is owed and are published ahead; quotes at a rate."""

import sqlalchemy as sa
from alembic import op

revision = "points_corridors_move"
down_revision = "points_hold_commands"
branch_labels = None
depends_on = None

CHECKS = {
    "never_above_par": "rate_bp > 0 AND rate_bp <= 10000",
    "moves_within": "num_nulls(floor_bp, ceiling_bp, full_at) IN (0, 3) AND floor_bp BETWEEN 0 AND discount_bp"
    " AND ceiling_bp BETWEEN discount_bp AND 9999 AND full_at > 0",
    "published_ahead": "effective_from >= agreed_at"
    " AND (version = 1 OR effective_from >= agreed_at + interval '24 hours')",
}


def upgrade() -> None:
    for name in ("floor_bp", "ceiling_bp", "full_at"):
        op.add_column("corridor", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("corridor", sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True))
    for table in ("corridor", "quote"):
        op.add_column(table, sa.Column("rate_bp", sa.BigInteger(), server_default=sa.text("10000"), nullable=False))
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_corridor_{name}"), "corridor", rule)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_corridor_{name}"), "corridor", type_="check")
    for table in ("corridor", "quote"):
        op.drop_column(table, "rate_bp")
    for name in ("floor_bp", "ceiling_bp", "full_at", "effective_from"):
        op.drop_column("corridor", name)
