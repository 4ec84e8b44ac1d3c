"""Reads about the catalogue: the indicators, a community's programme, and what it lacks."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.catalogue.rules import (
    FacilityKind,
    Gap,
    Indicator,
    IndicatorUnseen,
    Level,
    ProgrammeUnseen,
    ProjectType,
    Scene,
    gaps_of,
    missing_facilities,
)
from services.scenarios.catalogue.tables import Facility, IndicatorMeasure, Programme
from services.scenarios.communities.tables import Community
from shared.pagination import decode_cursor, encode_cursor

SOURCE = Path(__file__).parent / "indicators.csv"


@dataclass(frozen=True, slots=True)
class GapReport:
    """What a community owes: indicators short of their target, and facilities of the 一老一小 set."""

    community_code: str
    name: str
    programme: Programme
    gaps: Sequence[Gap]
    missing: Sequence[FacilityKind]


@cache
def indicators() -> tuple[Indicator, ...]:
    """Return the 33 indicators in their order."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return tuple(map(_indicator, csv.DictReader(file)))


def _indicator(row: dict[str, str]) -> Indicator:
    scene, _, scene_name = row["scene"].rpartition(" ")
    return Indicator(
        no=int(row["no"]),
        scene=cast("Scene", scene),
        scene_name=scene_name,
        name=row["indicator"],
        measure=row["measure"],
        unit=row["unit"],
        binding=int(row["binding"]),
        guiding=int(row["guiding"]),
        basis=row["basis"],
        not_required_for=frozenset(filter(None, row["not_required_for"].split("|"))),
    )


def find_indicator(no: int) -> Indicator:
    """Return an indicator by its number.

    Raises:
        IndicatorUnseen: There is none.
    """
    for one in indicators():
        if one.no == no:
            return one
    raise IndicatorUnseen(no=no)


async def find_programme(session: AsyncSession, community_code: str) -> Programme:
    """Return the programme that holds.

    Raises:
        ProgrammeUnseen: The community has none.
    """
    programme = await session.scalar(
        select(Programme).where(Programme.community_code == community_code).order_by(Programme.id.desc()).limit(1)
    )
    if programme is None:
        raise ProgrammeUnseen(community_code=community_code)
    return programme


async def report_gap(session: AsyncSession, community_code: str) -> GapReport:
    """Return what a community lacks.

    Raises:
        ProgrammeUnseen: It has not adopted a programme.
    """
    await find_programme(session, community_code)
    (report,) = await _reports(session, Community.community_code == community_code, 1)
    return report


async def report_gaps(
    session: AsyncSession, area: str, cursor: str | None, page_size: int
) -> tuple[list[GapReport], str | None]:
    """Return a page of the communities of an area that have a programme, by code, with what each lacks.

    Raises:
        BadCursor: The cursor is not one of this list.
    """
    after = str(decode_cursor(cursor, str)[0]) if cursor else ""
    within = Community.community_code.startswith(area, autoescape=True) & (Community.community_code > after)
    found = await _reports(session, within, page_size + 1)
    page = found[:page_size]
    return page, encode_cursor(page[-1].community_code) if len(found) > page_size else None


async def _reports(session: AsyncSession, which: ColumnElement[bool], most: int) -> list[GapReport]:
    rows = await session.execute(
        select(Community, Programme)
        .join(Programme, Programme.community_code == Community.community_code)
        .where(which)
        .ext(distinct_on(Community.community_code))
        .order_by(Community.community_code, Programme.id.desc())
        .limit(most)
    )
    found = {community.community_code: (community.name, programme) for community, programme in rows}
    measured = await _measured(session, list(found))
    kinds = await _open_kinds(session, list(found))
    return [
        GapReport(code, name, programme, _gaps(programme, measured.get(code, {})), missing_facilities(kinds[code]))
        for code, (name, programme) in found.items()
    ]


def _gaps(programme: Programme, measured: dict[int, int]) -> list[Gap]:
    level, kind = cast("Level", programme.level), cast("ProjectType", programme.project_type)
    return gaps_of(indicators(), measured, level, kind, programme.picks)


async def _measured(session: AsyncSession, codes: list[str]) -> dict[str, dict[int, int]]:
    rows = await session.execute(
        select(IndicatorMeasure.community_code, IndicatorMeasure.no, IndicatorMeasure.amount)
        .where(IndicatorMeasure.community_code.in_(codes))
        .ext(distinct_on(IndicatorMeasure.community_code, IndicatorMeasure.no))
        .order_by(
            IndicatorMeasure.community_code,
            IndicatorMeasure.no,
            IndicatorMeasure.measured_on.desc(),
            IndicatorMeasure.id.desc(),
        )
    )
    measured: dict[str, dict[int, int]] = {}
    for code, no, amount in rows:
        measured.setdefault(code, {})[no] = amount
    return measured


async def _open_kinds(session: AsyncSession, codes: list[str]) -> dict[str, list[str]]:
    rows = await session.execute(
        select(Facility.community_code, func.array_agg(Facility.kind))
        .where(Facility.community_code.in_(codes))
        .group_by(Facility.community_code)
    )
    kinds: dict[str, list[str]] = {code: [] for code in codes}
    kinds.update((code, list(found)) for code, found in rows)
    return kinds
