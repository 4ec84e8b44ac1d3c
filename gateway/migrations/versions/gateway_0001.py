"""What the gateway is told, the secrets of applications, nonces."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "gateway_0001"
down_revision = None
branch_labels = ("gateway",)
depends_on = None

MOVE_ON = """
CREATE FUNCTION move_revision_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE revision SET number = number + 1;
    RETURN NULL;
END $$
"""
TOLD = ("setting", "application_secret", "debarred")


def upgrade() -> None:
    op.create_table(
        "application_secret",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint("place IN (1, 2)", name="ck_application_secret_two_at_a_time"),
        sa.PrimaryKeyConstraint("application", "place", name="pk_application_secret"),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base_revision", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.CheckConstraint("decided_by <> proposed_by", name="ck_change_by_two_persons"),
        sa.CheckConstraint("(verdict IS NULL) = (decided_by IS NULL)", name="ck_change_decided_by_somebody"),
        sa.CheckConstraint("verdict IN ('approved', 'rejected')", name="ck_change_verdict_known"),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.create_index(
        "uq_change_waiting", "change", ["kind", "name"], unique=True, postgresql_where=sa.text("verdict IS NULL")
    )
    op.create_table(
        "debarred",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("debarred_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", name="pk_debarred"),
    )
    op.create_table(
        "nonce",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application", "nonce", name="pk_nonce"),
    )
    op.create_index("ix_nonce_expires_at", "nonce", ["expires_at"], unique=False)
    op.create_table(
        "revision",
        sa.Column("id", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.execute("INSERT INTO revision (id, number) VALUES (1, 1)")
    op.create_table(
        "setting",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_setting"),
    )
    op.execute(MOVE_ON)
    for table in TOLD:
        op.execute(
            f"CREATE TRIGGER move_revision_on AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION move_revision_on()"
        )


def downgrade() -> None:
    for table in ("setting", "revision", "nonce", "debarred", "change", "application_secret"):
        op.drop_table(table)
    op.execute("DROP FUNCTION move_revision_on()")
