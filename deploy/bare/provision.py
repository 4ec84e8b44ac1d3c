"""One database and least-privilege roles per service and for the gateway; it may run any number of times."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.bare.errors import LaunchError

SERVICES = ("points", "scenarios", "operations")
DATABASES = (*SERVICES, "gateway")
LOG_READER = "linli_log"
POSTGRES_MAJOR_MIN = 18
_ROLE = " ROLE %I LOGIN NOCREATEDB NOCREATEROLE PASSWORD %L"


def database(service: str) -> str:
    """Return the name of a service's database."""
    return f"linli_{service}"


def owner(service: str) -> str:
    """Return the role that migrates a service's database."""
    return f"linli_{service}_owner"


def application(service: str) -> str:
    """Return the role a service runs as: it reads and writes rows, and creates nothing."""
    return f"linli_{service}"


ROLES = (LOG_READER, *(role(service) for service in DATABASES for role in (owner, application)))


def dsn(admin_dsn: str, role: str, password: str, database_name: str) -> str:
    """Return the address of a database for one role.

    Args:
        admin_dsn: Any address of the same server; its host, port and options are kept.
        role: Who connects.
        password: Their password.
        database_name: Where to.
    """
    parts = urlsplit(admin_dsn)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{server}", path=f"/{database_name}"))


async def provision(admin_dsn: str, passwords: Mapping[str, str], *, services: Iterable[str] = DATABASES) -> None:
    """Make the roles and databases that are missing, set the passwords, and take from PUBLIC what it need not have.

    Args:
        admin_dsn: A role that may create roles and databases.
        passwords: Password of every role in `ROLES`.
        services: Whose databases are made.

    Raises:
        LaunchError: The server is too old.
    """
    admin = await asyncpg.connect(admin_dsn)
    try:
        if (major := admin.get_server_version().major) < POSTGRES_MAJOR_MIN:
            raise LaunchError(
                f"需要 PostgreSQL {POSTGRES_MAJOR_MIN} 或更高版本，DATABASE_URL 指向 {major} · "
                f"PostgreSQL {POSTGRES_MAJOR_MIN} or newer is needed, DATABASE_URL leads to {major}"
            )
        for role in ROLES:
            await _make_role(admin, role, passwords[role])
        for service in services:
            await _make_database(admin, service)
    finally:
        await admin.close()
    for service in services:
        await _grant_schema(dsn(admin_dsn, owner(service), passwords[owner(service)], database(service)), service)


async def _make_role(admin: asyncpg.Connection, role: str, password: str) -> None:
    verb = "ALTER" if await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role) else "CREATE"
    # DDL takes no parameters: the server quotes them.
    await admin.execute(await admin.fetchval("SELECT format($1, $2::text, $3::text)", verb + _ROLE, role, password))
    if not await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await admin.execute(f"GRANT {role} TO CURRENT_USER WITH SET TRUE")  # to give it a database


async def _make_database(admin: asyncpg.Connection, service: str) -> None:
    name = database(service)
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await admin.execute(f"CREATE DATABASE {name} OWNER {owner(service)} ENCODING 'UTF8' TEMPLATE template0")
    await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {application(service)}, {LOG_READER}")


async def _grant_schema(owner_dsn: str, service: str) -> None:
    """Let the service and the log's readers see the schema; tables are granted by the migrations that make them."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {application(service)}, {LOG_READER}")
    finally:
        await connection.close()


async def drop(admin_dsn: str) -> None:
    """Drop the services' databases with all they hold; the roles stay.

    Args:
        admin_dsn: The role that made them.
    """
    admin = await asyncpg.connect(admin_dsn)
    try:
        for service in DATABASES:
            await admin.execute(f"DROP DATABASE IF EXISTS {database(service)} WITH (FORCE)")
    finally:
        await admin.close()
