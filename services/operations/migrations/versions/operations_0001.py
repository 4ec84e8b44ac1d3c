"""Communities, providers, contracts, KPIs and settlement."""

import sqlalchemy as sa
from alembic import op

revision = "operations_0001"
down_revision = None
branch_labels = ("operations",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "community_reference",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street_code", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("city_code", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{12}$'", name="ck_community_reference_code_has_12_digits"),
        sa.CheckConstraint(
            "street_code = left(code, 9) AND district_code = left(code, 6) AND city_code = left(code, 4)",
            name="ck_community_reference_codes_are_prefixes",
        ),
        sa.PrimaryKeyConstraint("code", name="pk_community_reference"),
    )
    op.create_table(
        "kpi_evidence",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "measure IN ('points_redeemed', 'attendances', 'bookings')", name="ck_kpi_evidence_measure_is_known"
        ),
        sa.CheckConstraint(
            "(measure = 'points_redeemed') = (merchant_id IS NOT NULL)",
            name="ck_kpi_evidence_redemptions_have_merchants",
        ),
        sa.CheckConstraint("amount > 0", name="ck_kpi_evidence_amount_is_positive"),
        sa.PrimaryKeyConstraint("community_code", "measure", "source_id", name="pk_kpi_evidence"),
    )
    op.create_index(
        "ix_kpi_evidence_recompute",
        "kpi_evidence",
        ["community_code", "measure", "period", "merchant_id"],
        unique=False,
    )
    op.create_table(
        "receivable",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name="ck_receivable_points_are_positive"),
        sa.PrimaryKeyConstraint("community_code", "redemption_id", name="pk_receivable"),
    )
    op.create_index(
        "ix_receivable_merchant",
        "receivable",
        ["community_code", "merchant_id", "captured_at", "redemption_id"],
        unique=False,
    )
    op.create_table(
        "community",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community_code"], ["community_reference.code"], name="fk_community_community_code"),
        sa.PrimaryKeyConstraint("community_code", name="pk_community"),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("social_credit_code", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('operator', 'merchant')", name="ck_provider_kind_is_known"),
        sa.CheckConstraint("length(social_credit_code) = 18", name="ck_provider_social_credit_code_has_18_characters"),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name="fk_provider_community_code"),
        sa.PrimaryKeyConstraint("id", name="pk_provider"),
        sa.UniqueConstraint("social_credit_code", name="uq_provider_social_credit_code"),
    )
    op.create_index("ix_provider_community_code", "provider", ["community_code"], unique=False)
    op.create_table(
        "contract",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_by", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "measure IN ('points_redeemed', 'attendances', 'bookings')", name="ck_contract_measure_is_known"
        ),
        sa.CheckConstraint(
            "merchant_id IS NULL OR merchant_id = provider_id AND measure = 'points_redeemed'",
            name="ck_contract_merchant_counts_its_own",
        ),
        sa.CheckConstraint("extract(day FROM period) = 1", name="ck_contract_period_is_a_month"),
        sa.CheckConstraint("target > 0", name="ck_contract_target_is_positive"),
        sa.ForeignKeyConstraint(["community_code"], ["community.community_code"], name="fk_contract_community_code"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_contract_provider_id"),
        sa.PrimaryKeyConstraint("community_code", "id", name="pk_contract"),
        sa.UniqueConstraint(
            "community_code",
            "provider_id",
            "period",
            "measure",
            name="uq_contract_community_code_provider_id_period_measure",
        ),
    )
    op.create_index("ix_contract_id", "contract", ["id"], unique=False)
    op.create_table(
        "provider_listing",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("(revision = 1) = (state = 'candidate')", name="ck_provider_listing_candidate_is_first"),
        sa.CheckConstraint("basis <> '' AND authority <> ''", name="ck_provider_listing_basis_and_authority_are_given"),
        sa.CheckConstraint("state IN ('candidate', 'listed', 'debarred')", name="ck_provider_listing_state_is_known"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_provider_listing_provider_id"),
        sa.PrimaryKeyConstraint("provider_id", "revision", name="pk_provider_listing"),
        sa.UniqueConstraint("provider_id", "state", name="uq_provider_listing_provider_id_state"),
    )
    op.create_table(
        "kpi_measurement",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("measured > 0", name="ck_kpi_measurement_measured_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_kpi_measurement_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "period", name="pk_kpi_measurement"),
    )


def downgrade() -> None:
    op.drop_table("kpi_measurement")
    op.drop_table("provider_listing")
    op.drop_index("ix_contract_id", table_name="contract")
    op.drop_table("contract")
    op.drop_index("ix_provider_community_code", table_name="provider")
    op.drop_table("provider")
    op.drop_table("community")
    op.drop_index("ix_receivable_merchant", table_name="receivable")
    op.drop_table("receivable")
    op.drop_index("ix_kpi_evidence_recompute", table_name="kpi_evidence")
    op.drop_table("kpi_evidence")
    op.drop_table("community_reference")
