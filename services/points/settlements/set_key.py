"""Set the key with which an area approves statements, as two persons have decided."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.settlements.tables import ApproverKey


async def set_key(session: AsyncSession, area: str, key: str) -> None:
    """Put the next version of an area's SM2 public key in force, 64 bytes in hexadecimal."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('key ' || :area, 0))"), {"area": area})
    latest = await session.scalar(select(func.max(ApproverKey.version)).where(ApproverKey.area == area))
    session.add(ApproverKey(area=area, version=(latest or 0) + 1, key=key))
    await session.flush()
