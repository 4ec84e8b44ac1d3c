"""HTTP of open contracting data."""

import uuid
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.operations.disclosures import queries
from services.operations.disclosures.rules import PROFILE, contract_releases, tender_releases
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.fields import AreaPrefix
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, PageSize, decode_id, encode_cursor

router = APIRouter(prefix="/open-contracting", tags=["开放合同 open contracting"])


class Publisher(BaseModel):
    """Who publishes."""

    name: str


class ReleasePackage(BaseModel):
    """A release package of OCDS 1.1 with the profile for public-private partnerships."""

    uri: str
    version: Literal["1.1"] = "1.1"
    extensions: list[str] = [PROFILE]
    publishedDate: Moment  # noqa: N815 - the standard's own name
    publisher: Publisher
    releases: list[dict[str, Any]] = Field(description="OCDS releases")


@router.get(
    "/{area}/{kind}",
    summary="开放合同数据 / Open contracting data",
    responses=problems.responses(BadCursor),
)
async def publish_releases(
    *,
    area: AreaPrefix,
    kind: Literal["contracts", "tenders"],
    request: Request,
    response: Response,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - what is published is for anyone known
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> ReleasePackage:
    """Return the releases of an area's contracts or tenders; where there are more, the header `Link` names the next."""
    prefix, now = request.app.state.ocid_prefix, datetime.now(UTC)
    after = decode_id(cursor) if cursor else None
    releases: list[dict[str, Any]]
    last: uuid.UUID | None = None
    if kind == "contracts":
        contracts = await queries.contracts(session, area, after, page_size, now)
        releases = [release for one in contracts for release in contract_releases(prefix, one)]
        last = contracts[-1].id if len(contracts) == page_size else None
    else:
        tenders = await queries.tenders(session, area, after, page_size)
        releases = [release for one in tenders for release in tender_releases(prefix, one)]
        last = tenders[-1].id if len(tenders) == page_size else None
    if last:
        response.headers["Link"] = f'<{kind}?page_size={page_size}&cursor={encode_cursor(str(last))}>; rel="next"'
    return ReleasePackage(
        uri=f"urn:linli:ocds:{area}:{kind}:{now:%Y%m%dT%H%M%S.%fZ}",
        publishedDate=now,
        publisher=Publisher(name=f"邻里 Linli {area}"),
        releases=releases,
    )
