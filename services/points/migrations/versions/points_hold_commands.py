"""What was accepted and moves nothing is in the chain too: holds that were placed, and released.

Those placed before are told as of now: no window that is sealed has anything of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "points_hold_commands"
down_revision = "points_entry_check"
branch_labels = None
depends_on = None

BEFORE = """
INSERT INTO hold_command (community_code, reference, kind, account_id, asset_class, amount, expires_at, recorded_at)
SELECT community_code, reference, 'hold', account_id, asset_class, amount, expires_at, placed_at FROM hold
UNION ALL
SELECT community_code, reference, 'release', account_id, asset_class, 0, NULL, closed_at FROM hold
WHERE closed_as = 'released'
"""


def upgrade() -> None:
    op.create_table(
        "hold_command",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("xid", sa.BigInteger(), server_default=sa.text("pg_current_xact_id()::text::bigint"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('hold', 'release')", name="ck_hold_command_kind_known"),
        sa.CheckConstraint(
            "(kind = 'hold') = (amount > 0 AND expires_at IS NOT NULL)", name="ck_hold_command_hold_has_its_terms"
        ),
        sa.PrimaryKeyConstraint("community_code", "reference", "kind", name="pk_hold_command"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_hold_command_xid", "hold_command", ["xid"], postgresql_using="brin")
    op.execute(BEFORE)


def downgrade() -> None:
    op.drop_table("hold_command")
