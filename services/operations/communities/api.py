"""HTTP of communities."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.operations.communities import queries
from services.operations.communities.register import Registration, register
from services.operations.communities.rules import CommunityAlreadyRegistered, CommunityUnknown, CommunityUnseen
from shared import problems
from shared.areas import AreaPrefix, CommunityCode
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_cursor, encode_cursor

router = APIRouter(prefix="/communities", tags=["社区 communities"], route_class=IdempotentRoute)


class CommunityRegistration(BaseModel):
    """A community that is to take part."""

    code: CommunityCode = Field(description="12 位社区代码 / 12-digit community code", examples=["330102001051"])


class CommunityView(BaseModel):
    """A community and where it lies."""

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
    )
