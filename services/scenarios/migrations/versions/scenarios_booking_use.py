"""An index of the bookings of a space by time, for its use."""

from alembic import op

revision = "scenarios_booking_use"
down_revision = "scenarios_vacancy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_booking_use", "booking", ["community_code", "space_id", "starts_at"], postgresql_concurrently=True
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_booking_use", table_name="booking", postgresql_concurrently=True)
