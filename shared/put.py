"""Write the one row that a key has."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

Row = TypeVar("Row", bound=DeclarativeBase)


async def put(session: AsyncSession, table: type[Row], key: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
    """Set the one row that a key has, new or in place of what it was, and return it; who comes last is right.

    Args:
        session: The transaction.
        table: The mapped class.
        key: The columns of its primary key, or of another unique one.
        values: All other columns that are set.
    """
    row = insert(table).values(**key, **values)
    upsert = row.on_conflict_do_update(index_elements=list(key), set_=dict(values)).returning(table)
    return (await session.scalars(upsert.execution_options(populate_existing=True))).one()
