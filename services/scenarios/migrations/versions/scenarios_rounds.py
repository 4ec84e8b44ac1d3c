"""Rounds: who has which hours of a season."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_rounds"
down_revision = "scenarios_tariffs"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)


def _of_round() -> tuple[sa.Column[str], sa.Column[object], sa.Column[object]]:
    return (
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
    )


def _follows(table: str, earlier: str) -> tuple[sa.ForeignKeyConstraint, sa.PrimaryKeyConstraint]:
    key = ["community_code", "round_id", "resident_id"]
    return (
        sa.ForeignKeyConstraint(
            key, [f"{earlier}.{column}" for column in key], name=op.f(f"fk_{table}_community_code_round_id_resident_id")
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    op.create_table(
        "allocation_round",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("opens_at", TIME, nullable=False),
        sa.Column("closes_at", TIME, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("drawn_at", TIME, nullable=True),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "method IN ('lottery', 'deferred-acceptance')", name=op.f("ck_allocation_round_method_known")
        ),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_allocation_round_period")),
        sa.CheckConstraint("drawn_at >= closes_at", name=op.f("ck_allocation_round_drawn_after_it_closed")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_allocation_round_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_allocation_round")),
    )
    op.create_index("ix_allocation_round_id", "allocation_round", ["id"])
    op.create_index(
        "ix_allocation_round_undrawn", "allocation_round", ["closes_at"], postgresql_where=sa.text("drawn_at IS NULL")
    )
    op.create_table(
        "round_application",
        *_of_round(),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("applied_at", TIME, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')",
            name=op.f("ck_round_application_channel_known"),
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name=op.f("ck_round_application_consented")
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "round_id"],
            ["allocation_round.community_code", "allocation_round.id"],
            name=op.f("fk_round_application_community_code_round_id"),
        ),
        sa.PrimaryKeyConstraint("community_code", "round_id", "resident_id", name=op.f("pk_round_application")),
    )
    op.create_table(
        "round_allotment",
        *_of_round(),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        *_follows("round_allotment", "round_application"),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("uq_round_allotment_slot", "round_allotment", ["community_code", "round_id", "slot"], unique=True)
    op.create_table(
        "round_booking",
        *_of_round(),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("left_out", sa.BigInteger(), nullable=False),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.Column("booked_at", TIME, nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(series_id, refused_because) = 1", name=op.f("ck_round_booking_booked_or_refused")
        ),
        *_follows("round_booking", "round_allotment"),
        info={"grants": "SELECT, INSERT"},
    )


def downgrade() -> None:
    op.drop_table("round_booking")
    op.drop_index("uq_round_allotment_slot", table_name="round_allotment")
    op.drop_table("round_allotment")
    op.drop_table("round_application")
    op.drop_index("ix_allocation_round_undrawn", table_name="allocation_round")
    op.drop_index("ix_allocation_round_id", table_name="allocation_round")
    op.drop_table("allocation_round")
