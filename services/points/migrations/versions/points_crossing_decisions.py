"""An index of decisions heard: each crossing tells the latest."""

from alembic import op

revision = "points_crossing_decisions"
down_revision = "points_conversions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_crossing_decision_no",
            "crossing",
            ["community_code", "to_community", "decision_no"],
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_crossing_decision_no", table_name="crossing")
