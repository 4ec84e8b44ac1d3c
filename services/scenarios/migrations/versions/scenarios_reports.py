"""Reports: what residents report, and how each hand-over to the city stands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_reports"
down_revision = "scenarios_rounds"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reported_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", JSON, nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_report_channel_known"),
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_report_consented")
        ),
        sa.CheckConstraint(
            "kind IN ('lighting', 'road', 'waste', 'water', 'green', 'noise', 'facility', 'other')",
            name=op.f("ck_report_kind_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'handed-over', 'closed')", name=op.f("ck_report_state_known")),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_report_closed_at")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_report_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_report")),
    )
    op.create_index("ix_report_id", "report", ["id"])
    op.create_index("ix_report_open", "report", ["community_code", "id"], postgresql_where=sa.text("state <> 'closed'"))
    op.create_table(
        "hand_over",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("handed_by", sa.Text(), nullable=False),
        sa.Column("handed_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('queued', 'sent', 'refused', 'closed')", name=op.f("ck_hand_over_state_known")),
        sa.CheckConstraint(
            "state NOT IN ('sent', 'closed') OR coalesce(request_id, token) IS NOT NULL",
            name=op.f("ck_hand_over_numbered"),
        ),
        sa.CheckConstraint("(state IN ('queued', 'sent')) = (due_at IS NOT NULL)", name=op.f("ck_hand_over_due")),
        sa.CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_hand_over_refusal")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_hand_over_tries")),
        sa.ForeignKeyConstraint(
            ["community_code", "report_id"],
            ["report.community_code", "report.id"],
            name=op.f("fk_hand_over_community_code_report_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "report_id", name=op.f("pk_hand_over")),
    )
    op.create_index("ix_hand_over_due", "hand_over", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_table("hand_over")
    op.drop_table("report")
