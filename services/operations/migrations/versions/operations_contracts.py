"""Contracts in sealed versions, and KPIs by formula."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_contracts"
down_revision = "operations_competitions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_tally",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column(
            "merchant_id", sa.Uuid(), server_default=sa.text("'00000000-0000-0000-0000-000000000000'"), nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 0 AND amount > 0", name="ck_kpi_tally_sums_are_positive"),
        sa.PrimaryKeyConstraint("community_code", "period", "measure", "merchant_id", name="pk_kpi_tally"),
    )
    op.create_table(
        "contract_decision",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name="ck_contract_decision_reason_is_given"),
        sa.CheckConstraint(
            "state IN ('suspended', 'resumed', 'terminated')", name="ck_contract_decision_state_is_known"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_contract_decision_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "revision", name="pk_contract_decision"),
    )
    op.create_table(
        "contract_party",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_contract_party_community_code_contract_id",
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_contract_party_provider_id"),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "provider_id", name="pk_contract_party"),
    )
    op.create_index("ix_contract_party_provider_id", "contract_party", ["provider_id"], unique=False)
    op.create_table(
        "contract_version",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("(version = 1) = (kind = 'original')", name="ck_contract_version_original_is_first"),
        sa.CheckConstraint("kind IN ('original', 'amendment', 'renewal')", name="ck_contract_version_kind_is_known"),
        sa.CheckConstraint("reason <> ''", name="ck_contract_version_reason_is_given"),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_contract_version_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "version", name="pk_contract_version"),
    )
    op.create_table(
        "kpi_dispute",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("agreed_ratio_bp", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(agreed_ratio_bp IS NULL) = (decided_at IS NULL)", name="ck_kpi_dispute_an_answer_has_its_ratio"
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_kpi_dispute_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "period", "code", name="pk_kpi_dispute"),
    )
    op.create_table(
        "kpi_result",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("ratio_bp", sa.BigInteger(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("extract(day FROM period) = 1", name="ck_kpi_result_period_is_a_month"),
        sa.CheckConstraint(
            "num_nulls(numerator, denominator, ratio_bp) IN (0, 3) AND denominator > 0",
            name="ck_kpi_result_a_value_is_whole",
        ),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_kpi_result_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "period", "code", "revision", name="pk_kpi_result"),
    )
    op.create_table(
        "contract_seal",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id", "version"],
            ["contract_version.community_code", "contract_version.contract_id", "contract_version.version"],
            name="fk_contract_seal_community_code_contract_id_version",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "version", name="pk_contract_seal"),
    )
    op.create_table(
        "contract_signature",
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id", "version"],
            ["contract_version.community_code", "contract_version.contract_id", "contract_version.version"],
            name="fk_contract_signature_community_code_contract_id_version",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "version", "party", name="pk_contract_signature"),
    )
    op.drop_table("kpi_measurement")
    # What was agreed on by the month had one KPI and no signature: its id and parties stay, its facts have no heir.
    op.execute("INSERT INTO contract_party SELECT community_code, id, provider_id FROM contract")
    op.execute("""
        INSERT INTO kpi_tally (community_code, period, measure, merchant_id, number, amount)
        SELECT community_code, period, measure, coalesce(merchant_id, '00000000-0000-0000-0000-000000000000'),
               count(*), sum(amount)
        FROM kpi_evidence GROUP BY 1, 2, 3, 4""")
    op.alter_column("contract", "sealed_at", new_column_name="proposed_at")
    op.alter_column("contract", "sealed_by", new_column_name="proposed_by")
    op.drop_constraint("uq_contract_community_code_provider_id_period_measure", "contract", type_="unique")
    op.drop_constraint("fk_contract_provider_id", "contract", type_="foreignkey")
    op.drop_column("contract", "measure")
    op.drop_column("contract", "target")
    op.drop_column("contract", "provider_id")
    op.drop_column("contract", "period")
    op.drop_column("contract", "merchant_id")
    op.drop_column("contract", "seal")


def downgrade() -> None:
    op.drop_table("contract_signature")
    op.drop_table("contract_seal")
    op.drop_table("kpi_result")
    op.drop_table("kpi_dispute")
    op.drop_table("contract_version")
    op.drop_index("ix_contract_party_provider_id", table_name="contract_party")
    op.drop_table("contract_party")
    op.drop_table("contract_decision")
    op.drop_table("kpi_tally")
    op.execute("DELETE FROM contract")  # it has no monthly facts to go back to
    op.add_column("contract", sa.Column("seal", sa.TEXT(), nullable=False))
    op.add_column("contract", sa.Column("merchant_id", sa.UUID(), nullable=True))
    op.add_column("contract", sa.Column("period", sa.DATE(), nullable=False))
    op.add_column("contract", sa.Column("provider_id", sa.UUID(), nullable=False))
    op.add_column("contract", sa.Column("target", sa.BIGINT(), nullable=False))
    op.add_column("contract", sa.Column("measure", sa.TEXT(), nullable=False))
    op.create_foreign_key("fk_contract_provider_id", "contract", "provider", ["provider_id"], ["id"])
    op.create_unique_constraint(
        "uq_contract_community_code_provider_id_period_measure",
        "contract",
        ["community_code", "provider_id", "period", "measure"],
    )
    op.alter_column("contract", "proposed_by", new_column_name="sealed_by")
    op.alter_column("contract", "proposed_at", new_column_name="sealed_at")
    op.create_table(
        "kpi_measurement",
        sa.Column("community_code", sa.TEXT(), nullable=False),
        sa.Column("contract_id", sa.UUID(), nullable=False),
        sa.Column("period", sa.DATE(), nullable=False),
        sa.Column("measured", sa.BIGINT(), nullable=False),
        sa.CheckConstraint("measured > 0", name="ck_kpi_measurement_measured_is_positive"),
        sa.ForeignKeyConstraint(
            ["community_code", "contract_id"],
            ["contract.community_code", "contract.id"],
            name="fk_kpi_measurement_community_code_contract_id",
        ),
        sa.PrimaryKeyConstraint("community_code", "contract_id", "period", name="pk_kpi_measurement"),
    )
