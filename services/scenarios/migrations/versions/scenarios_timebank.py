"""Time bank: requests and offers of help, visits and their trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_timebank"
down_revision = "scenarios_reports"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "help_post",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("community_pays", sa.Boolean(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("quarters", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("posted_at", TIME, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "(side = 'request') = (receiver_id IS NOT NULL)", name=op.f("ck_help_post_requests_are_for_somebody")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_help_post_consented")
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_help_post_channel_known"),
        ),
        sa.CheckConstraint(
            "side = 'request' OR (receiver_id IS NULL AND NOT community_pays)",
            name=op.f("ck_help_post_offers_are_open"),
        ),
        sa.CheckConstraint("side IN ('request', 'offer')", name=op.f("ck_help_post_side_known")),
        sa.CheckConstraint("state IN ('open', 'agreed', 'withdrawn')", name=op.f("ck_help_post_state_known")),
        sa.CheckConstraint("quarters BETWEEN 1 AND 32", name=op.f("ck_help_post_quarters")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_help_post_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_help_post")),
    )
    op.create_index("ix_help_post_id", "help_post", ["id"])
    op.create_index(
        "ix_help_post_open", "help_post", ["community_code", "id"], postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "help_visit",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("agreed_quarters", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("checked_in_at", TIME, nullable=True),
        sa.Column("checked_out_at", TIME, nullable=True),
        sa.Column("quarters", sa.BigInteger(), nullable=True),
        sa.Column("giver_confirmed_at", TIME, nullable=True),
        sa.Column("receiver_confirmed_at", TIME, nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("posted", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state <> 'confirmed' OR revision > 0 OR num_nulls(giver_confirmed_at, receiver_confirmed_at) = 0",
            name=op.f("ck_help_visit_both_sides_confirm"),
        ),
        sa.CheckConstraint(
            "state IN ('pledging', 'pledged', 'refused', 'started', 'ended', 'disputed', 'confirmed', 'cancelled')",
            name=op.f("ck_help_visit_state_known"),
        ),
        sa.CheckConstraint(
            "(checked_out_at IS NULL) = (quarters IS NULL)", name=op.f("ck_help_visit_counted_at_check_out")
        ),
        sa.CheckConstraint("checked_in_at <= checked_out_at", name=op.f("ck_help_visit_in_before_out")),
        sa.CheckConstraint(
            "giver_id <> receiver_id AND giver_id IS DISTINCT FROM payer_id", name=op.f("ck_help_visit_two_sides")
        ),
        sa.CheckConstraint(
            "quarters BETWEEN 0 AND agreed_quarters OR revision > 0", name=op.f("ck_help_visit_quarters_as_agreed")
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "post_id"],
            ["help_post.community_code", "help_post.id"],
            name=op.f("fk_help_visit_community_code_post_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_help_visit")),
    )
    op.create_index("ix_help_visit_id", "help_visit", ["id"])
    op.create_index(
        "uq_help_visit_post",
        "help_visit",
        ["community_code", "post_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('refused', 'cancelled')"),
    )
    op.create_table(
        "help_step",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("quarters", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("agrees_to", sa.BigInteger(), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("assisted", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("given_at", TIME, nullable=False),
        sa.CheckConstraint(
            "(step = 'corrected') = (agrees_to IS NOT NULL)", name=op.f("ck_help_step_a_correction_agrees")
        ),
        sa.CheckConstraint(
            "(agrees_to IS NULL) = (proposed_by IS NULL)", name=op.f("ck_help_step_who_proposed_is_known")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_help_step_number_counts_from_1")),
        sa.CheckConstraint("proposed_by <> given_by", name=op.f("ck_help_step_two_persons")),
        sa.ForeignKeyConstraint(
            ["community_code", "visit_id"],
            ["help_visit.community_code", "help_visit.id"],
            name=op.f("fk_help_step_community_code_visit_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "visit_id", "number", name=op.f("pk_help_step")),
        sa.UniqueConstraint("community_code", "visit_id", "agrees_to", name="uq_help_step_agrees_to"),
    )


def downgrade() -> None:
    op.drop_table("help_step")
    op.drop_table("help_visit")
    op.drop_table("help_post")
