"""What the desk did for residents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "points_assistance"
down_revision = "points_fraud"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assisted_act",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("act_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", JSONB(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name="ck_assisted_act_channel_known",
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name="ck_assisted_act_consented"
        ),
        sa.CheckConstraint("channel NOT IN ('app', 'web', 'kiosk')", name="ck_assisted_act_by_the_desk"),
        sa.CheckConstraint("points >= 0", name="ck_assisted_act_takes_no_less_than_nothing"),
        sa.PrimaryKeyConstraint("community_code", "act_id", name="pk_assisted_act"),
    )
    op.create_index("ix_assisted_act_id", "assisted_act", ["act_id"])
    op.create_index("ix_assisted_act_resident", "assisted_act", ["resident_id", "acted_at"])
    op.create_index("ix_assisted_act_clerk", "assisted_act", ["given_by", "acted_at"])


def downgrade() -> None:
    op.drop_table("assisted_act")
