"""Who runs which space, and who is on the black list."""

import sqlalchemy as sa
from alembic import op

revision = "scenarios_operators"
down_revision = "scenarios_emergencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "debarred_operator",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("debarred_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", "area", name="pk_debarred_operator"),
    )
    op.create_table(
        "entrusted_space",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("community_code", "space_id", "provider_id", "starts_on", name="pk_entrusted_space"),
    )
    op.create_index("ix_entrusted_space_provider_id", "entrusted_space", ["provider_id"], unique=False)
    op.add_column("space", sa.Column("suspended_from", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("space", "suspended_from")
    op.drop_index("ix_entrusted_space_provider_id", table_name="entrusted_space")
    op.drop_table("entrusted_space")
    op.drop_table("debarred_operator")
