"""DDL of erasure, the same in each database that names residents. What has landed in a migration is not changed here."""

import sqlalchemy as sa
from alembic import op

TRANSPORT = ("outbox", "inbox", "idempotency", "dead_letter", "lease", "log_cursor", "relay_cursor", "erasure_due")
"""What passes by itself within days, or is the request."""

_FUNCTION = """
CREATE FUNCTION forget_resident(resident uuid, pseudonym uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE held record;
BEGIN
    SET CONSTRAINTS ALL DEFERRED;  -- a key and what points to it change one after the other
    {emptied}
    FOR held IN
        SELECT quote_ident(t.table_name) AS name,
               string_agg(format(CASE c.udt_name
                   WHEN 'uuid' THEN '%1$I = CASE %1$I WHEN $1 THEN $2 ELSE %1$I END'
                   WHEN 'text' THEN '%1$I = replace(%1$I, $1::text, $2::text)'
                   ELSE '%1$I = replace(%1$I::text, $1::text, $2::text)::jsonb' END, c.column_name), ', ') AS changes,
               string_agg(format(CASE c.udt_name
                   WHEN 'uuid' THEN '%I = $1' ELSE 'strpos(%I::text, $1::text) > 0' END, c.column_name), ' OR ') AS ours
        FROM information_schema.tables t
        JOIN information_schema.columns c USING (table_schema, table_name)
        WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
          AND c.udt_name IN ('uuid', 'text', 'jsonb') AND t.table_name <> ALL ('{{{transport}}}')
        GROUP BY t.table_name ORDER BY t.table_name
    LOOP
        EXECUTE format('UPDATE %s SET %s WHERE %s', held.name, held.changes, held.ours) USING resident, pseudonym;
    END LOOP;
END $$
"""


def create_erasure_due() -> None:
    """Make the table of whom to erase."""
    op.create_table(
        "erasure_due",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("community_code", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("pseudonym", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name="pk_erasure_due"),
    )


def create_forget_resident(role: str, *emptied: str) -> None:
    """Make the function that forgets a resident, which the service's role may call, and nobody else.

    Args:
        role: The service's.
        emptied: Statements that empty what is personal, while the rows are still the resident's.
    """
    body = "\n    ".join(f"{each};" for each in emptied)
    op.execute(_FUNCTION.format(emptied=body, transport=",".join((*TRANSPORT, "alembic_version"))))
    op.execute("REVOKE ALL ON FUNCTION forget_resident FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION forget_resident TO {role}")


def drop_forget_resident() -> None:
    """Drop the function."""
    op.execute("DROP FUNCTION forget_resident")
