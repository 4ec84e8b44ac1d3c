"""The catalogue's programmes, indicator measures and facilities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scenarios_catalogue"
down_revision = "scenarios_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "indicator_measure",
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("no BETWEEN 1 AND 33 AND amount >= 0", name=op.f("ck_indicator_measure_amount")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_indicator_measure_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_indicator_measure")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index(
        "ix_indicator_measure_latest", "indicator_measure", ["community_code", "no", "measured_on", "id"], unique=False
    )
    op.create_table(
        "programme",
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("project_type", sa.Text(), nullable=False),
        sa.Column("picks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("level IN ('领跑级', '示范级', '基本级')", name=op.f("ck_programme_level_known")),
        sa.CheckConstraint(
            "project_type IN ('整合提升', '拆改结合', '拆除重建', '规划新建', '全域')",
            name=op.f("ck_programme_type_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_programme_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_programme")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_table(
        "facility",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('party-centre', 'health-station', 'child-care', 'elder-care', 'elder-canteen', 'family-station')",
            name=op.f("ck_facility_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "space_id"],
            ["space.community_code", "space.id"],
            name=op.f("fk_facility_community_code_space_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_code"], ["community.community_code"], name=op.f("fk_facility_community_code")
        ),
        sa.PrimaryKeyConstraint("community_code", "id", name=op.f("pk_facility")),
    )


def downgrade() -> None:
    op.drop_table("facility")
    op.drop_table("programme")
    op.drop_index("ix_indicator_measure_latest", table_name="indicator_measure")
    op.drop_table("indicator_measure")
