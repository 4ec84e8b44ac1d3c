"""Indexes for what a resident has earned and converted lately, in all communities, and for who earned most in one."""

from alembic import op

revision = "points_deeds_by_resident"
down_revision = "points_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_deed_resident", "deed", ["resident_id", "occurred_at"], postgresql_concurrently=True)
        op.drop_index("ix_deed_resident_id", table_name="deed", postgresql_concurrently=True)  # the new one serves it
        op.create_index(
            "ix_conversion_resident", "conversion", ["resident_id", "converted_at"], postgresql_concurrently=True
        )
        op.create_index("ix_deed_time", "deed", ["community_code", "occurred_at"], postgresql_concurrently=True)


def downgrade() -> None:
    op.create_index("ix_deed_resident_id", "deed", ["resident_id"])
    op.drop_index("ix_deed_time", table_name="deed")
    op.drop_index("ix_conversion_resident", table_name="conversion")
    op.drop_index("ix_deed_resident", table_name="deed")
