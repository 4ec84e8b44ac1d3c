"""Reads of the catalogue, of what there is to provide, and of what was provided."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.changes.tables import Setting
from gateway.console.exchange.rules import DataSetUnseen
from gateway.console.exchange.tables import Provision
from gateway.registry import Application, DataSet


@dataclass(frozen=True, slots=True)
class Listed:
    """A data set in force."""

    name: str
    revision: int
    entry: DataSet


@dataclass(frozen=True, slots=True)
class Record:
    """An event to provide, and its place in commit order."""

    xid: int
    id: int
    event_id: uuid.UUID
    occurred_at: datetime
    data: dict[str, Any]


# The columns, and not their aliases, order it: so the index does.
_RECORDS = text("""
    SELECT xid::text::bigint AS xid, id, event_id, occurred_at, data FROM exchange_record
    WHERE type = :type AND starts_with(community_code, :prefix)
    AND (exchange_record.xid, id) > (CAST(CAST(:xid AS text) AS xid8), :id)
    AND exchange_record.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY exchange_record.xid, exchange_record.id LIMIT :most
""")


async def list_data_sets(session: AsyncSession) -> list[Listed]:
    """Return the catalogue in force, by name."""
    rows = select(Setting).where(Setting.kind == "data-set", Setting.document.is_not(None)).order_by(Setting.name)
    return [Listed(row.name, row.revision, DataSet.model_validate(row.document)) for row in await session.scalars(rows)]


async def hold_data_set(session: AsyncSession, name: str) -> Listed:
    """Return one entry of the catalogue in force, which stays so until the transaction ends.

    Raises:
        DataSetUnseen: There is none of this name.
    """
    row = await _hold(session, "data-set", name)
    if row is None or row.document is None:
        raise DataSetUnseen(data_set=name)
    return Listed(name, row.revision, DataSet.model_validate(row.document))


async def hold_application(session: AsyncSession, name: str) -> Application | None:
    """Return what is registered of an application, if anything is, which stays so until the transaction ends."""
    row = await _hold(session, "application", name)
    return Application.model_validate(row.document) if row and row.document else None


async def _hold(session: AsyncSession, kind: str, name: str) -> Setting | None:
    return await session.get(Setting, (kind, name), with_for_update={"read": True}, populate_existing=True)


async def read_records(session: AsyncSession, entry: DataSet, after: tuple[int, int], most: int) -> Sequence[Record]:
    """Read what a data set tells after a place, in commit order, leaving out what might still be preceded."""
    given = {"type": entry.event, "prefix": entry.prefix, "xid": str(after[0]), "id": after[1], "most": most}
    return [Record(**row) for row in (await session.execute(_RECORDS, given)).mappings()]


async def list_provisions(
    session: AsyncSession, *, receiver: str | None, data_set: str | None, before: uuid.UUID | None, size: int
) -> list[Provision]:
    """Return what was provided, the newest first, at most `size`; to one receiver, or to all."""
    wanted = select(Provision).order_by(Provision.id.desc()).limit(size)
    if receiver:
        wanted = wanted.where(Provision.receiver == receiver)
    if data_set:
        wanted = wanted.where(Provision.data_set == data_set)
    if before:
        wanted = wanted.where(Provision.id < before)
    return list(await session.scalars(wanted))
