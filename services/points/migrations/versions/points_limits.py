"""Caps and budgets, what takes two persons, and rules with formulas, evidence and caps of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "points_limits"
down_revision = "points_crossing_decisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("issued BETWEEN 0 AND points", name="ck_budget_granted_within"),
        sa.PrimaryKeyConstraint("community_code", "year", name="pk_budget"),
    )
    op.create_table(
        "proposal",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint("decided_by <> proposed_by", name="ck_proposal_two_persons"),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (accepted IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="ck_proposal_decided",
        ),
        sa.PrimaryKeyConstraint("area", "proposal_id", name="pk_proposal"),
    )
    op.create_index("ix_proposal_id", "proposal", ["proposal_id"])
    op.create_table(
        "resident_cap",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("points_max", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("points_max >= 0", name="ck_resident_cap_not_below_nothing"),
        sa.CheckConstraint("direction = 'earn' OR activity = ''", name="ck_resident_cap_activities_earn"),
        sa.PrimaryKeyConstraint("area", "direction", "activity", "period", "version", name="pk_resident_cap"),
    )
    op.add_column(
        "earning_rule",
        sa.Column("formula", sa.Text(), server_default="quantity * points / per_quantity", nullable=False),
    )
    op.add_column(
        "earning_rule",
        sa.Column("evidence_required", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    for name in ("points_max_per_day", "points_max_per_month", "points_max_in_life"):
        op.add_column("earning_rule", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("deed", sa.Column("asset_class", sa.Text(), server_default="service", nullable=False))
    op.add_column("deed", sa.Column("registered_by", sa.Text(), nullable=True))
    op.execute(
        "UPDATE deed SET asset_class = 'basic' FROM earning_rule r WHERE r.community_code = deed.community_code"
        " AND r.activity = deed.activity AND r.version = deed.rule_version AND r.asset_class = 'basic'"
    )
    # What was granted before there were budgets was all that could be.
    op.execute(
        "INSERT INTO budget (community_code, year, points, issued)"
        " SELECT community_code, extract(year FROM now() AT TIME ZONE 'Asia/Shanghai'), sum(points), sum(points) FROM ("
        " SELECT community_code, points, posted_at AS at FROM deed JOIN transfer USING (community_code, transfer_id)"
        " WHERE deed.asset_class = 'service'"
        " UNION ALL SELECT community_code, points, converted_at FROM conversion) AS granted"
        " WHERE extract(year FROM at AT TIME ZONE 'Asia/Shanghai')"
        " = extract(year FROM now() AT TIME ZONE 'Asia/Shanghai') GROUP BY community_code"
    )


def downgrade() -> None:
    for name in ("registered_by", "asset_class"):
        op.drop_column("deed", name)
    for name in ("points_max_in_life", "points_max_per_month", "points_max_per_day", "evidence_required", "formula"):
        op.drop_column("earning_rule", name)
    op.drop_table("resident_cap")
    op.drop_table("proposal")
    op.drop_table("budget")
