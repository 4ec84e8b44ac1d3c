"""The migrations of each service make exactly the tables that its code declares, and can be taken back."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from tests.shape.tree import DATABASES, ROOT

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
KINDS = """
    SELECT typname FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace
    WHERE nspname = 'public' AND typtype IN ('e', 'd')
"""


@pytest.fixture(params=DATABASES)
async def empty(request: pytest.FixtureRequest, postgres: str, templates: object) -> AsyncIterator[Config]:
    """Alembic's configuration for a service with an empty database, whose roles the templates made."""
    assert templates
    admin = await asyncpg.connect(postgres)
    name = f"linli_test_{secrets.token_hex(6)}"
    await admin.execute(f"CREATE DATABASE {name} OWNER linli_{request.param}_owner")
    config = Config(str(ROOT / "alembic.ini"), ini_section=request.param)
    owner = make_url(postgres).set(database=name, username=f"linli_{request.param}_owner", password="test")
    config.attributes["database_url"] = owner.render_as_string(hide_password=False)
    yield config
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_upgrade_downgrade_and_upgrade_again_give_what_the_code_declares(empty: Config) -> None:
    await asyncio.to_thread(command.upgrade, empty, "heads")
    made = await _left(empty)
    await asyncio.to_thread(command.check, empty)
    await asyncio.to_thread(command.downgrade, empty, "base")
    assert await _left(empty) == set()
    await asyncio.to_thread(command.upgrade, empty, "heads")
    assert await _left(empty) == made


async def _left(config: Config) -> set[str]:
    connection = await asyncpg.connect(config.attributes["database_url"])
    rows = [*await connection.fetch(TABLES), *await connection.fetch(KINDS)]
    await connection.close()
    return {row[0] for row in rows}
