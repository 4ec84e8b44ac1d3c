"""A resident's own data (PIPL art. 45): every row of a service that names the resident, found by the tables themselves.

A row is the resident's if it holds its id, as an id or as a subject, or if it belongs to such a row by a foreign key,
as a booking's cancellation does. A new slice is exported without a word of its own.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, MetaData, Table, Text, Uuid, and_, exists, func, or_, select
from sqlalchemy.types import LargeBinary

from shared.assistance import resident_of, subject_of
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.identity import Caller
from shared.problems import responses

PATH = "/own-data"
SUBJECTS = ("owner", "who")


class OwnData(BaseModel):
    """What a service holds of a resident: rows by table."""

    taken_at: Moment
    tables: dict[str, list[dict[str, Any]]] = Field(description="表名 → 记录 / rows by table")


def own_data_router(metadata: MetaData) -> APIRouter:
    """Make the route that gives residents what a service with these tables holds of them."""
    router = APIRouter(tags=["个人信息查阅与复制 own data"])

    @router.get(PATH, summary="我的全部数据 / All my data here", responses=responses(OutOfScope))
    async def read_own_data(session: Transaction, who: Caller) -> OwnData:
        """Give the caller all that this service holds of it."""
        mine = _conditions(metadata, resident_of(who))
        tables: dict[str, list[dict[str, Any]]] = {}
        for table, condition in mine.items():
            shown = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
            row = select(*shown).where(condition).subquery()
            found = await session.scalars(select(func.to_jsonb(row.table_valued())))
            if rows := list(found):
                tables[table.name] = rows
        return OwnData(taken_at=datetime.now(UTC), tables=tables)

    return router


def _conditions(metadata: MetaData, resident_id: uuid.UUID) -> Mapping[Table, ColumnElement[bool]]:
    about: dict[Table, ColumnElement[bool]] = {}
    mine: dict[Table, ColumnElement[bool]] = {}
    for table in metadata.sorted_tables:  # what is pointed to comes first
        named = [*_named(table, resident_id), *_belonging(table, about)]
        if named:
            about[table] = or_(*named)
        texts = [column for column in table.columns if isinstance(column.type, Text)]
        given = [column.in_([subject_of(resident_id)]) for column in texts if column.name.endswith("_by")]
        if named or given:
            mine[table] = or_(*named, *given)
    return mine


def _named(table: Table, resident_id: uuid.UUID) -> Iterator[ColumnElement[bool]]:
    for column in table.columns:
        if isinstance(column.type, Uuid) and not column.foreign_keys and column.server_default is None:
            yield column.in_([resident_id])
        elif column.name in SUBJECTS:
            yield column.in_([subject_of(resident_id)])


def _belonging(table: Table, about: Mapping[Table, ColumnElement[bool]]) -> Iterator[ColumnElement[bool]]:
    for key in table.foreign_key_constraints:
        parent = key.referred_table
        if parent in about and parent is not table:
            pairs = [element.parent == element.column for element in key.elements]
            yield exists().where(and_(*pairs, about[parent]))
