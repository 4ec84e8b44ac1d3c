"""Limits and quotas that replicas share. What is lost in a crash of the server is counted anew: it is unlogged."""

import sqlalchemy as sa
from alembic import op

revision = "gateway_limits"
down_revision = "gateway_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowance",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tat", sa.Double(), nullable=False),
        sa.Column("added", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_allowance"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "quota",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_quota"),
    )
    op.create_table(
        "listed",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", name="pk_listed"),
    )
    op.execute(
        "CREATE TRIGGER move_revision_on AFTER INSERT OR UPDATE OR DELETE ON listed "
        "FOR EACH STATEMENT EXECUTE FUNCTION move_revision_on()"
    )


def downgrade() -> None:
    for table in ("listed", "quota", "allowance"):
        op.drop_table(table)
