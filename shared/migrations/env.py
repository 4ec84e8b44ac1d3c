"""Runs the migrations of the section that Alembic was called with (`-n points`), then grants the service its rights.

The attribute `database_url`, or else LINLI_DATABASE_URL, names the database with the role that owns it. The service's own role, `linli_<section>`, may do no
more than each table's `info["grants"]` says; the event log's reader, `linli_log`, may read the outbox alone.
"""

import asyncio
import importlib
import os
from collections.abc import Sequence

from alembic import context
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.migrations import PLATFORM_METADATA
from shared.outbox import XID8

GRANTS_DEFAULT = "SELECT, INSERT, UPDATE, DELETE"

ischema_names["xid8"] = XID8  # SQLAlchemy does not know it when it compares

config = context.config
service = config.config_ini_section
metadata: Sequence[MetaData] = [
    importlib.import_module(config.get_main_option("metadata") or "").METADATA,
    PLATFORM_METADATA,
]


def migrate(connection: Connection) -> None:
    """Bring the database to the asked revision, and its grants to what the tables say."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    grant(connection)
    connection.commit()


def grant(connection: Connection) -> None:
    """Give the service's role what its tables allow, and the log's reader the outbox."""
    existing = set(inspect(connection).get_table_names())
    for table in (table for each in metadata for table in each.sorted_tables if table.name in existing):
        rights = table.info.get("grants", GRANTS_DEFAULT)
        connection.execute(text(f'REVOKE ALL ON "{table.name}" FROM linli_{service}'))
        connection.execute(text(f'GRANT {rights} ON "{table.name}" TO linli_{service}'))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO linli_{service}"))
    if "outbox" in existing:
        connection.execute(text("GRANT SELECT ON outbox TO linli_log"))


async def run() -> None:
    """Connect and migrate."""
    asked = config.attributes.get("database_url") or os.environ["LINLI_DATABASE_URL"]
    url = make_url(asked).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(run())
