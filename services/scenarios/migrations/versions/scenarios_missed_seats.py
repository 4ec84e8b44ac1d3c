"""Seats that nobody came to: released for those who wait, and missed like a booking."""

import sqlalchemy as sa
from alembic import op

revision = "scenarios_missed_seats"
down_revision = "scenarios_operators"
branch_labels = None
depends_on = None

SEAT = ["community_code", "activity_id", "resident_id"]


def upgrade() -> None:
    op.add_column("activity", sa.Column("grace_minutes", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_activity_grace"), "activity", "grace_minutes BETWEEN 5 AND 120")
    op.drop_constraint(op.f("ck_sign_up_state_known"), "sign_up", type_="check")
    op.create_check_constraint(op.f("ck_sign_up_state_known"), "sign_up", "state IN ('seated', 'withdrawn', 'missed')")
    op.add_column("no_show", sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False))
    op.add_column("no_show", sa.Column("activity_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE no_show SET id = booking_id")
    op.drop_constraint("pk_no_show", "no_show", type_="primary")
    op.create_primary_key("pk_no_show", "no_show", ["community_code", "id"])
    op.alter_column("no_show", "booking_id", nullable=True)
    op.create_foreign_key("fk_no_show_seat", "no_show", "sign_up", SEAT, SEAT)
    op.create_unique_constraint("uq_no_show_booking", "no_show", ["community_code", "booking_id"])
    op.create_unique_constraint("uq_no_show_seat", "no_show", SEAT)
    op.create_check_constraint(op.f("ck_no_show_of_one_thing"), "no_show", "num_nonnulls(booking_id, activity_id) = 1")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_no_show_of_one_thing"), "no_show", type_="check")
    op.drop_constraint("uq_no_show_seat", "no_show", type_="unique")
    op.drop_constraint("uq_no_show_booking", "no_show", type_="unique")
    op.drop_constraint("fk_no_show_seat", "no_show", type_="foreignkey")
    op.execute("DELETE FROM no_show WHERE booking_id IS NULL")
    op.alter_column("no_show", "booking_id", nullable=False)
    op.drop_constraint("pk_no_show", "no_show", type_="primary")
    op.create_primary_key("pk_no_show", "no_show", ["community_code", "booking_id"])
    op.drop_column("no_show", "activity_id")
    op.drop_column("no_show", "id")
    op.execute("UPDATE sign_up SET state = 'withdrawn' WHERE state = 'missed'")
    op.drop_constraint(op.f("ck_sign_up_state_known"), "sign_up", type_="check")
    op.create_check_constraint(op.f("ck_sign_up_state_known"), "sign_up", "state IN ('seated', 'withdrawn')")
    op.drop_constraint(op.f("ck_activity_grace"), "activity", type_="check")
    op.drop_column("activity", "grace_minutes")
