"""HTTP: the directory as HSDS 3.0 asks for it, with its paths, its parameters and its pages."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from services.scenarios.catalogue.rules import ONE_OLD_ONE_YOUNG
from services.scenarios.directory.queries import Asked, find_community, find_service, list_communities, list_services
from services.scenarios.directory.rules import (
    PROFILE,
    TAXONOMY,
    TAXONOMY_ID,
    VERSION,
    NotListed,
    community_of,
    kind_of,
    nested_service,
    organization,
    page_of,
    service,
    service_at_location,
    taxonomy_term,
)
from shared import problems
from shared.database import Transaction
from shared.fields import PRINTABLE
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import PAGE_SIZE_MAX

router = APIRouter(prefix="/hsds", tags=["服务目录 Directory (HSDS 3.0)"], route_class=IdempotentRoute)

PAGE_MAX = 10_000
Search = Annotated[str | None, Query(max_length=100, pattern=PRINTABLE, description="名称包含 / in the name")]
Number = Annotated[int, Query(alias="page", ge=1, le=PAGE_MAX, description="页码 / number of the page")]
PerPage = Annotated[int, Query(ge=1, le=PAGE_SIZE_MAX, description="每页条数 / records per page")]
Full = Annotated[bool, Query(description="附全部关联记录 / with all that belongs to it")]
NOTHING = ""  # what an id that names nothing is looked for as
NOT_LISTED = problems.responses(NotListed)


def _asked(
    search: Search = None, organization_id: uuid.UUID | None = None, taxonomy_term_id: uuid.UUID | None = None
) -> Asked:
    return Asked(
        community_code=(community_of(organization_id) or NOTHING) if organization_id else None,
        kind=(kind_of(taxonomy_term_id) or NOTHING) if taxonomy_term_id else None,
        search=search,
    )


Which = Annotated[Asked, Depends(_asked)]


def _page(contents: list[dict[str, Any]], total: int, number: int, per_page: int) -> JSONResponse:
    return JSONResponse(page_of(contents, total, number, per_page))


@router.get("", summary="目录的版本 / What this directory is", response_class=JSONResponse)
async def about(_: Caller) -> JSONResponse:
    """Tell which version of HSDS the directory speaks."""
    return JSONResponse({"version": VERSION, "profile": PROFILE})


@router.get("/services", summary="服务列表 / Services", response_class=JSONResponse)
async def services(
    session: Transaction, _: Caller, which: Which, number: Number = 1, per_page: PerPage = 50, *, full: Full = False
) -> JSONResponse:
    """List what the communities offer: facilities and spaces, oldest first."""
    found, total = await list_services(session, which, number, per_page, datetime.now(UTC))
    return _page([(nested_service if full else service)(each) for each in found], total, number, per_page)


@router.get("/services/{service_id}", summary="一项服务 / A service", response_class=JSONResponse, responses=NOT_LISTED)
async def one_service(session: Transaction, _: Caller, service_id: uuid.UUID) -> JSONResponse:
    """Show a service with its organization, place, times, cost and kind."""
    return JSONResponse(nested_service(await find_service(session, service_id, datetime.now(UTC))))


@router.get("/service_at_locations", summary="服务地点列表 / Services where they are", response_class=JSONResponse)
async def service_at_locations(
    session: Transaction, _: Caller, which: Which, number: Number = 1, per_page: PerPage = 50
) -> JSONResponse:
    """List where the services are, and when."""
    found, total = await list_services(session, which, number, per_page, datetime.now(UTC))
    return _page([service_at_location(each) for each in found], total, number, per_page)


@router.get("/organizations", summary="机构列表 / Organizations", response_class=JSONResponse)
async def organizations(session: Transaction, _: Caller, number: Number = 1, per_page: PerPage = 50) -> JSONResponse:
    """List the communities."""
    found, total = await list_communities(session, number, per_page)
    return _page([organization(each.community_code, each.name) for each in found], total, number, per_page)


@router.get(
    "/organizations/{organization_id}",
    summary="一个机构 / An organization",
    response_class=JSONResponse,
    responses=NOT_LISTED,
)
async def one_organization(session: Transaction, _: Caller, organization_id: uuid.UUID) -> JSONResponse:
    """Show a community."""
    found = await find_community(session, organization_id)
    return JSONResponse(organization(found.community_code, found.name))


@router.get("/taxonomies", summary="分类法列表 / Taxonomies", response_class=JSONResponse)
async def taxonomies(_: Caller) -> JSONResponse:
    """List the one taxonomy: the 一老一小 set."""
    return _page([TAXONOMY], 1, 1, 1)


@router.get(
    "/taxonomies/{taxonomy_id}", summary="一个分类法 / A taxonomy", response_class=JSONResponse, responses=NOT_LISTED
)
async def one_taxonomy(_: Caller, taxonomy_id: uuid.UUID) -> JSONResponse:
    """Show the taxonomy."""
    if taxonomy_id != TAXONOMY_ID:
        raise NotListed(record_id=str(taxonomy_id))
    return JSONResponse(TAXONOMY)


@router.get("/taxonomy_terms", summary="分类词列表 / Taxonomy terms", response_class=JSONResponse)
async def taxonomy_terms(_: Caller) -> JSONResponse:
    """List the kinds of facilities."""
    terms = [taxonomy_term(kind) for kind in ONE_OLD_ONE_YOUNG]
    return _page(terms, len(terms), 1, len(terms))


@router.get(
    "/taxonomy_terms/{term_id}",
    summary="一个分类词 / A taxonomy term",
    response_class=JSONResponse,
    responses=NOT_LISTED,
)
async def one_taxonomy_term(_: Caller, term_id: uuid.UUID) -> JSONResponse:
    """Show a kind of facility."""
    kind = kind_of(term_id)
    if kind is None:
        raise NotListed(record_id=str(term_id))
    return JSONResponse(taxonomy_term(kind))
