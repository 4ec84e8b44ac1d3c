"""Reads for the directory."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.communities.tables import Community
from services.scenarios.directory.rules import Listing, NotListed, Tariff, community_of
from services.scenarios.spaces.rules import Opening

# A facility in a space that can be booked is one service, by the facility's name.
_FROM = """
    FROM (
        SELECT id, community_code, name, kind, space_id FROM facility
        UNION ALL
        SELECT s.id, s.community_code, s.name, NULL, s.id FROM space s
        WHERE s.retired_at IS NULL AND NOT EXISTS (
            SELECT FROM facility f WHERE f.community_code = s.community_code AND f.space_id = s.id)
    ) listed
    JOIN community c ON c.community_code = listed.community_code
    LEFT JOIN space s ON s.community_code = listed.community_code AND s.id = listed.space_id
    LEFT JOIN tariff t ON t.community_code = s.community_code AND t.space_id = s.id
    WHERE (CAST(:community_code AS text) IS NULL OR listed.community_code = :community_code)
      AND (CAST(:kind AS text) IS NULL OR listed.kind = :kind)
      AND (CAST(:search AS text) IS NULL OR position(lower(:search) IN lower(listed.name)) > 0)
      AND (CAST(:service_id AS uuid) IS NULL OR listed.id = :service_id)
"""
_COUNT = text(f"SELECT count(*) {_FROM}")
_PAGE = text(f"""
    SELECT listed.id, listed.community_code, c.name AS community, listed.name, listed.kind,
           coalesce(listed.space_id, listed.id) AS location_id, coalesce(s.opening_hours, '[]') AS opening_hours,
           CASE WHEN s.retired_at IS NOT NULL THEN 'inactive'
                WHEN s.suspended_from <= :now OR EXISTS (
                    SELECT FROM closure k WHERE k.community_code = s.community_code AND k.space_id = s.id
                      AND k.lifted_at IS NULL AND k.starts_at <= :now AND k.ends_at > :now) THEN 'temporarily closed'
                ELSE 'active' END AS status,
           t.fen_per_hour, t.fen_cap, t.free_for
    {_FROM} ORDER BY listed.id LIMIT :most OFFSET :skipped
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Asked:
    """Which services: those of a community, of a kind of facility, with this in their name; none: all."""

    community_code: str | None = None
    kind: str | None = None
    search: str | None = None
    service_id: uuid.UUID | None = None


async def list_services(
    session: AsyncSession, asked: Asked, page: int, per_page: int, now: datetime
) -> tuple[list[Listing], int]:
    """Return a page, counted from 1, of the services that are asked for, and how many there are in all."""
    total = await session.scalar(_COUNT, asdict(asked))
    place = {"most": per_page, "skipped": (page - 1) * per_page, "now": now}
    rows = await session.execute(_PAGE, asdict(asked) | place)
    return [_listing(row) for row in rows], total or 0


async def find_service(session: AsyncSession, service_id: uuid.UUID, now: datetime) -> Listing:
    """Return one service.

    Raises:
        NotListed: There is none.
    """
    found, _ = await list_services(session, Asked(service_id=service_id), 1, 1, now)
    if not found:
        raise NotListed(record_id=str(service_id))
    return found[0]


async def list_communities(session: AsyncSession, page: int, per_page: int) -> tuple[list[Community], int]:
    """Return a page, counted from 1, of the communities by their code, and how many there are in all."""
    query = select(Community).order_by(Community.community_code).limit(per_page).offset((page - 1) * per_page)
    total = await session.scalar(select(func.count()).select_from(Community))
    return list(await session.scalars(query)), total or 0


async def find_community(session: AsyncSession, organization_id: uuid.UUID) -> Community:
    """Return the community that is this organization.

    Raises:
        NotListed: There is none.
    """
    code = community_of(organization_id)
    found = await session.get(Community, code) if code else None
    if found is None:
        raise NotListed(record_id=str(organization_id))
    return found


def _listing(row: Row[Any]) -> Listing:
    tariff = None if row.fen_per_hour is None else Tariff(row.fen_per_hour, row.fen_cap, tuple(row.free_for))
    openings = tuple(Opening(**opening) for opening in row.opening_hours)
    return Listing(
        row.id,
        row.community_code,
        row.community,
        row.name,
        row.kind,
        row.location_id,
        openings,
        row.status,
        tariff,
    )
