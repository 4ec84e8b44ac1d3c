"""Indexes for what a resident has earned lately, in all communities, and for who earned most in one."""

from alembic import op

revision = "points_deeds_by_resident"
down_revision = "points_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_deed_resident", "deed", ["resident_id", "occurred_at"], postgresql_concurrently=True)
        op.create_index("ix_deed_time", "deed", ["community_code", "occurred_at"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index("ix_deed_time", table_name="deed")
    op.drop_index("ix_deed_resident", table_name="deed")
