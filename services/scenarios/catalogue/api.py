"""HTTP: the catalogue, a community's programme, what was measured, and what is lacking."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.catalogue.adopt_programme import AdoptProgramme, adopt_programme
from services.scenarios.catalogue.measure_indicator import MeasureIndicator, measure_indicator
from services.scenarios.catalogue.open_facility import OpenFacility, open_facility
from services.scenarios.catalogue.queries import GapReport, find_programme, indicators, report_gap, report_gaps
from services.scenarios.catalogue.rules import (
    FacilityKind,
    IndicatorUnseen,
    Level,
    NotOnMenu,
    ProgrammeUnseen,
    ProjectType,
    Scene,
    Target,
    is_required,
    target_of,
)
from services.scenarios.catalogue.tables import Facility
from services.scenarios.communities.queries import list_published
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(tags=["场景目录 Catalogue"], route_class=IdempotentRoute)

READERS = ("desk", "operator", "official", "auditor")
AMOUNT_MAX = 10**12


class IndicatorView(BaseModel):
    """An indicator, whether it is required at the level and type asked for, and its targets in whole units."""

    model_config = ConfigDict(from_attributes=True)

    no: int
    scene: Scene
    scene_name: str
    name: str
    measure: str
    unit: str
    binding: int
    guiding: int
    basis: Annotated[str, Field(description="依据：C 已公开，Q 转引，A 假定 / confirmed, quoted, assumed")]
    required: bool


class Catalogue(BaseModel):
    """The indicators of the nine scenes; those not required are the menu that a community picks from."""

    level: Level
    project_type: ProjectType
    held_to: Target
    items: list[IndicatorView]


@router.get("/catalogue", summary="场景目录与可选菜单 / The catalogue and its menu")
async def browse(_: Caller, level: Level, project_type: ProjectType) -> Catalogue:
    """List the 33 indicators of the nine scenes, required or optional, for a level and project type."""
    items = [
        IndicatorView.model_validate(
            {
                **{name: getattr(one, name) for name in IndicatorView.model_fields if name != "required"},
                "required": is_required(one, level, project_type),
            }
        )
        for one in indicators()
    ]
    return Catalogue(level=level, project_type=project_type, held_to=target_of(level), items=items)


class ProgrammeBody(BaseModel):
    """What a community chooses."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    level: Level
    project_type: ProjectType
    picks: Annotated[list[int], Field(max_length=33, description="从菜单挑选的可选指标 / optional indicators picked")]


class ProgrammeView(ProgrammeBody):
    """The programme that holds."""

    id: uuid.UUID
    published_by: str
    published_at: Moment


@router.post(
    "/programmes",
    status_code=201,
    summary="选定建设方案 / Adopt a programme",
    responses=problems.responses(OutOfScope, CommunityUnknown, NotOnMenu),
)
async def adopt(session: Transaction, who: Caller, body: ProgrammeBody) -> ProgrammeView:
    """Choose a community's level, project type and menu; the newest holds."""
    command = AdoptProgramme(body.community_code, body.level, body.project_type, body.picks, who)
    return ProgrammeView.model_validate(await adopt_programme(session, command))


@router.get(
    "/programmes/{community_code}",
    summary="社区的建设方案 / A community's programme",
    responses=problems.responses(ProgrammeUnseen),
)
async def show(session: Transaction, _: Caller, community_code: CommunityCode) -> ProgrammeView:
    """Show the programme that holds."""
    return ProgrammeView.model_validate(await find_programme(session, community_code))


Words = Annotated[str, Field(max_length=500, pattern=PRINTABLE)]


class MeasureBody(BaseModel):
    """What an indicator amounts to on a day, in its whole units."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    no: int
    amount: Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
    measured_on: date
    evidence: Annotated[dict[Words, Words], Field(min_length=1, max_length=20)]


class MeasureView(MeasureBody):
    """A measurement on record."""

    id: uuid.UUID


@router.post(
    "/indicator-measures",
    status_code=201,
    summary="填报指标 / Report an indicator",
    responses=problems.responses(OutOfScope, IndicatorUnseen, CommunityUnknown),
)
async def measure(session: Transaction, who: Caller, body: MeasureBody) -> MeasureView:
    """Report what an indicator amounts to, with evidence."""
    return MeasureView.model_validate(await measure_indicator(session, MeasureIndicator(**body.model_dump(), by=who)))


class FacilityBody(BaseModel):
    """A facility of the 一老一小 set."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    kind: FacilityKind
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    space_id: uuid.UUID | None = None


class FacilityView(FacilityBody):
    """A facility on record."""

    id: uuid.UUID
    published_at: Moment


@router.post(
    "/facilities",
    status_code=201,
    summary="登记一老一小设施 / Enter a facility",
    responses=problems.responses(OutOfScope, CommunityUnknown, SpaceUnseen),
)
async def open_one(session: Transaction, who: Caller, body: FacilityBody) -> FacilityView:
    """Enter a facility; staff of the community may."""
    command = OpenFacility(**body.model_dump(), by=who, now=datetime.now(UTC))
    return FacilityView.model_validate(await open_facility(session, command))


@router.get("/facilities", summary="一老一小设施 / Facilities of a community", responses=problems.responses(BadCursor))
async def facilities(
    session: Transaction, _: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[FacilityView]:
    """List a community's facilities in the order they were entered."""
    found, next_cursor = await list_published(session, Facility, community_code, cursor, page_size)
    return Page(items=[FacilityView.model_validate(one) for one in found], next_cursor=next_cursor)


class GapView(BaseModel):
    """An indicator short of its target; `measured` is empty when nobody has measured it."""

    model_config = ConfigDict(from_attributes=True)

    no: int
    target: Target
    asked: int
    measured: int | None


class GapReportView(BaseModel):
    """What a community lacks of its programme."""

    community_code: CommunityCode
    name: str
    level: Level
    project_type: ProjectType
    gaps: list[GapView]
    missing_facilities: list[FacilityKind]


def _view(report: GapReport) -> GapReportView:
    return GapReportView.model_validate(
        {
            "community_code": report.community_code,
            "name": report.name,
            "level": report.programme.level,
            "project_type": report.programme.project_type,
            "gaps": [GapView.model_validate(gap) for gap in report.gaps],
            "missing_facilities": report.missing,
        }
    )


@router.get(
    "/gaps/{community_code}",
    summary="社区差距报告 / A community's gap report",
    responses=problems.responses(OutOfScope, ProgrammeUnseen),
)
async def gap(session: Transaction, who: Caller, community_code: CommunityCode) -> GapReportView:
    """Show what a community lacks; its staff and auditors may see it."""
    who.require(community_code, *READERS)
    return _view(await report_gap(session, community_code))


@router.get(
    "/gaps", summary="区域差距报告 / Gap reports of an area", responses=problems.responses(OutOfScope, BadCursor)
)
async def gaps(
    session: Transaction,
    who: Caller,
    area: Annotated[AreaPrefix, Query()],
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[GapReportView]:
    """List what the communities of an area lack, by their code."""
    who.require(area, *READERS)
    found, next_cursor = await report_gaps(session, area, cursor, page_size)
    return Page(items=[_view(report) for report in found], next_cursor=next_cursor)
