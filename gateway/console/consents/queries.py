"""Whether residents agreed to what an application is for."""

import uuid
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

_LACKING = text("""
    SELECT 1 FROM unnest(CAST(:residents AS uuid[])) AS named (resident_id)
    WHERE NOT coalesce((
        SELECT is_given AND version = :version FROM consent
        WHERE consent.resident_id = named.resident_id AND application = :application
        ORDER BY number DESC LIMIT 1), false)
    LIMIT 1
""")


async def is_lacking(
    session: AsyncSession | AsyncConnection, residents: Iterable[uuid.UUID], application: str, version: int
) -> bool:
    """Tell whether one of the residents has not agreed to this version of an application's notice, or not any more."""
    asked = {"residents": sorted(residents), "application": application, "version": version}
    return bool(await session.scalar(_LACKING, asked))
