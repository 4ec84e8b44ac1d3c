"""Reads of changes and of what is in force."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.changes.tables import Change, Setting


async def list_changes(session: AsyncSession, *, waiting: bool, before: uuid.UUID | None, size: int) -> list[Change]:
    """Return changes, the newest first, at most `size`; those that wait for a decision, or all."""
    wanted = select(Change).order_by(Change.id.desc()).limit(size)
    if waiting:
        wanted = wanted.where(Change.verdict.is_(None))
    if before:
        wanted = wanted.where(Change.id < before)
    return list(await session.scalars(wanted))


async def list_settings(session: AsyncSession, kind: str) -> list[Setting]:
    """Return what is in force of one kind, by name."""
    rows = select(Setting).where(Setting.kind == kind, Setting.document.is_not(None)).order_by(Setting.name)
    return list(await session.scalars(rows))
