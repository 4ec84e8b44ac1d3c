"""PostgreSQL: the engine, the transaction at the edge, and the types that every table shares."""

import re
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Request
from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLAlchemy's own defaults are 32 bit for int and no zone for datetime.
TYPES: dict[Any, Any] = {
    int: BigInteger,
    str: Text,
    datetime: DateTime(timezone=True),
    date: Date,
    uuid.UUID: Uuid,
    dict[str, Any]: JSONB,
}
APPEND_ONLY = {"grants": "SELECT, INSERT"}
"""A table's `info` when the service's role may add rows to it and read them, and nothing else."""

SESSION = "linli.session"
"""Under this name a request's scope has the transaction in which it is served, when that is another's."""

CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 30_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000  # one that hangs holds up every reader of an outbox on the server


_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")
_AWAY_SQLSTATES = ("08", "53", "57P")
_PASSING_SQLSTATES = ("40001", "40P01", "55P03")


def is_passing(error: BaseException) -> bool:
    """Tell whether the same work may succeed later as it is: the server is away or full, or a conflict passed by."""
    if isinstance(error, OSError | PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return state.startswith(_AWAY_SQLSTATES) or state in _PASSING_SQLSTATES


class PlatformBase(DeclarativeBase):
    """The tables that each service has for the platform's sake: outbox, inbox, idempotency, leases."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


class Assisted:
    """A record that says by which channel, by whom and with what consent its command came."""

    channel: Mapped[str]
    given_by: Mapped[str]
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


def assisted_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """Return the constraints of a table with these columns: a known channel, and consent where the desk acts."""
    return (
        CheckConstraint("channel IN ('app', 'web', 'kiosk', 'phone', 'desk', 'visit', 'paper')", name="channel_known"),
        CheckConstraint("channel IN ('app', 'web', 'kiosk') OR consent IS NOT NULL", name="consented"),
    )


class Database:
    """A service's own database.

    Args:
        url: `postgresql://role:password@host:port/database`.
        name: What the server shows as application_name.
        pool_size: The most connections that are kept and opened.
    """

    def __init__(self, url: str, *, name: str, pool_size: int = 4) -> None:
        self.engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            hide_parameters=True,  # an error is logged, and what a statement was given may be personal
            connect_args={
                "timeout": CONNECT_TIMEOUT_S,
                "server_settings": {
                    "application_name": name,
                    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                    "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
                    "jit": "off",
                    "plan_cache_mode": "force_generic_plan",  # else each set is planned anew, for longer than it runs
                },
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a session whose one transaction commits at the end, or rolls back if the block raises."""
        async with self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for single statements that read, without the round trips of a transaction."""
        async with self.engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def ping(self) -> None:
        """Do one round trip.

        Raises:
            sqlalchemy.exc.OperationalError: The server does not answer.
        """
        async with self.autocommit() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


class SetStatement:
    """A statement over sets on a hot path: it goes to the driver as it is, in the session's transaction.

    SQLAlchemy takes 0.15 ms to compile, adapt and fetch; the driver remembers by itself what it has prepared.

    Args:
        sql: The statement, with `:name` for each of its parameters.
    """

    def __init__(self, sql: str) -> None:
        self._names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        self._sql = _PARAMETER.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql)

    async def run(self, session: AsyncSession, given: Mapping[str, Any]) -> list[asyncpg.Record]:
        """Run it, and return its rows.

        Raises:
            sqlalchemy.exc.IntegrityError: A constraint is broken.
            sqlalchemy.exc.DBAPIError: The server refuses it otherwise, or is away.
        """
        connection = await session.connection()
        driver: Any = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]
        if not driver.is_in_transaction():  # SQLAlchemy begins with the first statement that it runs itself
            await connection.exec_driver_sql("SELECT")
        try:
            rows: list[asyncpg.Record] = await driver.fetch(self._sql, *[given[name] for name in self._names])
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            kind = IntegrityError if isinstance(error, asyncpg.IntegrityConstraintViolationError) else DBAPIError
            lost = driver.is_closed()
            raise kind(self._sql, None, error, hide_parameters=True, connection_invalidated=lost) from error
        return rows


def columns(names: str, rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """Turn rows into one array for each of the names, as a statement that writes a set unnests them."""
    arrays = list(zip(*rows, strict=True))
    return {name: list(arrays[place]) if arrays else [] for place, name in enumerate(names.split())}


async def transaction(request: Request) -> AsyncGenerator[AsyncSession]:
    """Give the request its one transaction; nobody else commits."""
    if SESSION in request.scope:
        yield request.scope[SESSION]
        return
    database: Database = request.app.state.database
    async with database.transaction() as session:
        yield session


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
"""The request's transaction. `scope="function"` commits it before the answer leaves: with FastAPI's default a client
gets its 201 before the commit, and keeps it when the commit fails."""
