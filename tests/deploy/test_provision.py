"""Databases and least-privilege roles."""

import asyncpg
import pytest

from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.provision import LOG_READER, ROLES, application, database, drop, dsn, owner, provision

PASSWORDS = {role: f"{role}-password" for role in ROLES}


async def _execute(server: EmbeddedPostgres, role: str, service: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn(server.dsn(), role, PASSWORDS[role], database(service)))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def provisioned(server: EmbeddedPostgres) -> EmbeddedPostgres:
    """The server with roles and databases, made twice."""
    await provision(server.dsn(), PASSWORDS)
    await provision(server.dsn(), PASSWORDS)
    return server


async def test_only_the_owner_creates_tables(provisioned: EmbeddedPostgres) -> None:
    await _execute(provisioned, owner("points"), "points", "CREATE TABLE IF NOT EXISTS thing (n int)")
    for role in (application("points"), LOG_READER):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _execute(provisioned, role, "points", "CREATE TABLE other (n int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _execute(provisioned, role, "points", "CREATE TEMP TABLE other (n int)")


async def test_the_owner_can_add_the_extensions_that_migrations_need(provisioned: EmbeddedPostgres) -> None:
    await _execute(provisioned, owner("scenarios"), "scenarios", "CREATE EXTENSION IF NOT EXISTS btree_gist")


async def test_a_service_cannot_read_what_was_not_granted(provisioned: EmbeddedPostgres) -> None:
    await _execute(provisioned, owner("points"), "points", "CREATE TABLE IF NOT EXISTS secret (n int)")
    for role in (application("points"), LOG_READER):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _execute(provisioned, role, "points", "SELECT * FROM secret")


@pytest.mark.parametrize("role", [owner("points"), application("points")])
async def test_a_service_cannot_enter_anothers_database(provisioned: EmbeddedPostgres, role: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _execute(provisioned, role, "scenarios", "SELECT 1")


async def test_a_role_cannot_make_roles_or_databases(provisioned: EmbeddedPostgres) -> None:
    for role in (application("points"), owner("points"), LOG_READER):
        for statement in ("CREATE ROLE other", "CREATE DATABASE other"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await _execute(provisioned, role, "points", statement)


async def test_an_administrator_who_is_not_superuser_can_provision(server: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(server.dsn())
    await drop(server.dsn())
    for role in ROLES:
        await admin.execute(f"DROP ROLE IF EXISTS {role}")
    await admin.execute("CREATE ROLE administrator LOGIN CREATEROLE CREATEDB PASSWORD 'administrator'")
    address = dsn(server.dsn(), "administrator", "administrator", "postgres")
    await provision(address, PASSWORDS)
    await provision(address, PASSWORDS)
    await drop(address)
    await admin.close()
