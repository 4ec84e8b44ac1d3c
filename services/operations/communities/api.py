"""HTTP of communities."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.operations.communities import queries
from services.operations.communities.profile import ProfileReport, profile
from services.operations.communities.register import Registration, register
from services.operations.communities.rules import (
    CommunityAlreadyRegistered,
    CommunityNotRegistered,
    CommunityUnknown,
    CommunityUnseen,
    Profile,
    ProfileImpossible,
    ProjectType,
    Tier,
)
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_cursor, encode_cursor

router = APIRouter(prefix="/communities", tags=["社区 communities"], route_class=IdempotentRoute)


class CommunityRegistration(BaseModel):
    """A community that is to take part."""

    code: CommunityCode = Field(description="12 位社区代码 / 12-digit community code", examples=["330102001051"])


class ProfileBody(BaseModel):
    """What a community is like."""

    model_config = ConfigDict(from_attributes=True)

    project_type: ProjectType = Field(description="整合提升、拆改结合、拆除重建、规划新建、全域")
    tier: Tier = Field(description="基本级、示范级、领跑级")
    population: Annotated[int, Field(ge=0, le=10_000_000, description="人口 / people")]
    households: Annotated[int, Field(ge=0, le=10_000_000, description="户数 / households")]
    area_m2: Annotated[int, Field(ge=1, le=10_000_000_000, description="面积（平方米） / square metres")]


class PartView(BaseModel):
    """A part of an area with the sums of its communities."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    communities: int
    registered: int
    profiled: int = Field(description="已填报画像的社区数 / of how many communities the sizes are known")
    population: int
    households: int
    area_m2: int


class CommunityView(BaseModel):
    """A community, where it lies and what it is like."""

    code: str
    name: str
    street_code: str
    street: str
    district_code: str
    district: str
    city_code: str
    city: str
    registered: bool
    registered_at: Moment | None
    profile: ProfileBody | None


@router.post(
    "",
    status_code=201,
    summary="登记社区 / Register a community",
    responses=problems.responses(CommunityUnknown, CommunityAlreadyRegistered, OutOfScope),
)
async def register_community(body: CommunityRegistration, session: Transaction, who: Caller) -> CommunityView:
    """Register a community; takes an official whose area covers it."""
    who.require(body.code, "official")
    await register(session, Registration(body.code, by=who.subject, now=datetime.now(UTC)))
    return _view(await queries.get(session, body.code))


@router.get("", summary="社区列表 / Communities", responses=problems.responses(BadCursor))
async def list_communities(
    session: Transaction,
    who: Caller,  # noqa: ARG001 - any known caller may see the list
    area: Annotated[AreaPrefix, Query(description="区划代码前缀 / area code prefix")] = "33",
    *,
    registered: Annotated[bool | None, Query(description="是否已登记 / whether it takes part")] = None,
    page_size: PageSize = 50,
    cursor: Cursor = None,
) -> Page[CommunityView]:
    """List communities in the order of their codes."""
    after = str(decode_cursor(cursor, str)[0]) if cursor else "0"
    if not after.isdecimal():
        raise BadCursor
    found = await queries.find(session, queries.Filter(area, registered, after, page_size + 1))
    page = [_view(row) for row in found[:page_size]]
    return Page(items=page, next_cursor=encode_cursor(page[-1].code) if len(found) > page_size else None)


@router.get("/areas/{prefix}", summary="下级区域汇总 / The parts of an area")
async def list_parts(
    prefix: AreaPrefix,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - any known caller may see it
) -> list[PartView]:
    """List the parts of a province, city, district or street, one level down, with the sums of their communities."""
    return [PartView.model_validate(part) for part in await queries.parts(session, prefix)]


@router.post(
    "/{code}/profile",
    status_code=201,
    summary="填报社区画像 / Say what a community is like",
    responses=problems.responses(CommunityNotRegistered, ProfileImpossible, OutOfScope),
)
async def profile_community(code: CommunityCode, body: ProfileBody, session: Transaction, who: Caller) -> CommunityView:
    """Record what a community is like from now on; takes an official whose area covers it."""
    who.require(code, "official")
    await profile(session, ProfileReport(code, Profile(**body.model_dump()), by=who.subject, now=datetime.now(UTC)))
    return _view(await queries.get(session, code))


@router.get("/{code}", summary="查看社区 / A community", responses=problems.responses(CommunityUnseen))
async def get_community(
    code: CommunityCode,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - any known caller may see it
) -> CommunityView:
    """See one community, whether it takes part or not."""
    return _view(await queries.get(session, code))


def _view(found: queries.Found) -> CommunityView:
    reference = found.reference
    return CommunityView(
        code=reference.code,
        name=reference.name,
        street_code=reference.street_code,
        street=reference.street,
        district_code=reference.district_code,
        district=reference.district,
        city_code=reference.city_code,
        city=reference.city,
        registered=found.registered_at is not None,
        registered_at=found.registered_at,
        profile=ProfileBody.model_validate(found.profile) if found.profile else None,
    )
