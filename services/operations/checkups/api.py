"""HTTP of the facility check-up."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.operations.checkups import queries
from services.operations.checkups.adopt_scheme import Adoption, adopt_scheme
from services.operations.checkups.check_up import Order, check_up
from services.operations.checkups.record_survey import Finding, record_survey
from services.operations.checkups.rules import (
    CheckupUnseen,
    Facility,
    NothingSurveyed,
    SchemeExists,
    SchemeUnseen,
    Subclass,
    Survey,
)
from services.operations.communities.rules import CommunityUnknown
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import Cursor, Page, PageSize, decode_cursor, encode_cursor

router = APIRouter(tags=["公服设施体检 facility check-up"], route_class=IdempotentRoute)

COUNT_MAX = 10_000_000
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Count = Annotated[int | None, Field(ge=0, le=COUNT_MAX)]
Percent = Annotated[int | None, Field(ge=0, le=100)]
Year = Annotated[int, Field(ge=2000, le=2099)]
READERS = ("desk", "operator", "official", "auditor")


class SubclassBody(BaseModel):
    """A kind of facility."""

    model_config = ConfigDict(from_attributes=True)

    code: Code
    facility_class: Name
    name: Name
    unit: Name
    required_per_1000_households: Annotated[int, Field(gt=0, le=COUNT_MAX)]
    weight: Annotated[int, Field(gt=0, le=1_000)]


class SchemeBody(BaseModel):
    """A scheme that is to be adopted."""

    code: Code
    area_code: AreaPrefix
    subclasses: Annotated[list[SubclassBody], Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="不填则采用 8 类 20 项参考目录（名称与权重为假定） / the reference list if left out"
    )


class SchemeView(BaseModel):
    """An adopted scheme."""

    code: str
    area_code: str
    subclasses: list[SubclassBody]


class FacilityBody(BaseModel):
    """A facility as it was found; what is not known is left out, never 0."""

    name: Name
    households_covered: Count = None
    capacity: Count = None
    condition: Percent = None
    use: Percent = None


class SurveyBody(BaseModel):
    """What was found in a community. A subclass with an empty list was looked for in vain; one left out was not."""

    community_code: CommunityCode
    year: Year
    households: Annotated[int, Field(gt=0, le=1_000_000)]
    found: Annotated[dict[Code, Annotated[list[FacilityBody], Field(max_length=200)]], Field(max_length=200)]


class Recorded(BaseModel):
    """The id of what was recorded."""

    id: uuid.UUID


class CheckupOrder(BaseModel):
    """An area that is to be checked up."""

    area_code: AreaPrefix
    year: Year
    scheme: Code


class CheckupView(BaseModel):
    """A check-up: of how many surveyed, ranked and listed."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    area_code: str
    year: int
    scheme: str
    surveyed: int
    ranked: int = Field(description="资料足以评分的社区数 / with enough data for an index")
    listed: int = Field(description="列入补短板清单：最低 10 %，并列全部列入 / the lowest tenth, ties in")
    cutoff_bp: int | None
    digest: str = Field(description="SM3")
    evaluated_at: Moment


class ResultView(BaseModel):
    """A community's result; without an index it is to be surveyed again, and is not ranked."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    index_bp: int | None
    known_bp: int
    missing: list[str] = Field(description="缺失数据，不按零计 / what is not known, which is not 0")
    low_use: list[str] = Field(description="使用率低于 10 % 的设施 / what hardly anybody uses")
    listed: bool


class ReproductionView(BaseModel):
    """The check-up computed again from its snapshot."""

    same: bool
    listed: int
    digest: str


@router.post(
    "/checkup-schemes",
    status_code=201,
    summary="采用体检方案 / Adopt a check-up scheme",
    responses=problems.responses(SchemeExists, OutOfScope),
)
async def adopt(body: SchemeBody, session: Transaction, who: Caller) -> SchemeView:
    """Adopt a scheme for an area; takes an official of it."""
    who.require(body.area_code, "official")
    asked = [Subclass(**one.model_dump()) for one in body.subclasses] if body.subclasses else None
    adopted = await adopt_scheme(
        session, Adoption(body.code, body.area_code, asked, by=who.subject, now=datetime.now(UTC))
    )
    subclasses = [SubclassBody.model_validate(one) for one in adopted]
    return SchemeView(code=body.code, area_code=body.area_code, subclasses=subclasses)


@router.post(
    "/facility-surveys",
    status_code=201,
    summary="录入设施调查 / Record a facility survey",
    responses=problems.responses(CommunityUnknown, OutOfScope),
)
async def survey_facilities(body: SurveyBody, session: Transaction, who: Caller) -> Recorded:
    """Record what was found in a community; takes its desk, operator or official."""
    who.require(body.community_code, "desk", "operator", "official")
    found = {code: [Facility(**one.model_dump()) for one in facilities] for code, facilities in body.found.items()}
    finding = Finding(
        body.community_code, body.year, Survey(body.households, found), by=who.subject, now=datetime.now(UTC)
    )
    return Recorded(id=await record_survey(session, finding))


@router.post(
    "/checkups",
    status_code=201,
    summary="开展体检并生成补短板清单 / Check an area up",
    responses=problems.responses(SchemeUnseen, NothingSurveyed, OutOfScope),
)
async def order_checkup(body: CheckupOrder, session: Transaction, who: Caller) -> CheckupView:
    """Evaluate an area's surveys of a year; takes an official of it."""
    who.require(body.area_code, "official")
    order = Order(body.area_code, body.year, body.scheme, by=who.subject, now=datetime.now(UTC))
    return CheckupView.model_validate(await check_up(session, order))


@router.get(
    "/checkups/{checkup_id}",
    summary="体检 / A check-up",
    responses=problems.responses(CheckupUnseen, OutOfScope),
)
async def get_checkup(checkup_id: uuid.UUID, session: Transaction, who: Caller) -> CheckupView:
    """See a check-up; for staff and auditors of its area."""
    checkup = await queries.checkup(session, checkup_id)
    who.require(checkup.area_code, *READERS)
    return CheckupView.model_validate(checkup)


@router.get(
    "/checkups/{checkup_id}/results",
    summary="体检结果与补短板清单 / Results and the remedy list",
    responses=problems.responses(CheckupUnseen, OutOfScope),
)
async def list_results(
    checkup_id: uuid.UUID,
    session: Transaction,
    who: Caller,
    *,
    listed: Annotated[bool | None, Query(description="只看清单内或清单外 / on the list, or off it")] = None,
    page_size: PageSize = 50,
    cursor: Cursor = None,
) -> Page[ResultView]:
    """List results in the order of the codes; for staff and auditors of the area."""
    checkup = await queries.checkup(session, checkup_id)
    who.require(checkup.area_code, *READERS)
    after = str(decode_cursor(cursor, str)[0]) if cursor else "0"
    found = await queries.results(session, checkup_id, after, page_size + 1, listed=listed)
    page = [ResultView.model_validate(one) for one in found[:page_size]]
    return Page(items=page, next_cursor=encode_cursor(page[-1].community_code) if len(found) > page_size else None)


@router.get(
    "/checkups/{checkup_id}/reproduction",
    summary="由快照重算 / The check-up again, from its snapshot",
    responses=problems.responses(CheckupUnseen, OutOfScope),
)
async def reproduce_checkup(checkup_id: uuid.UUID, session: Transaction, who: Caller) -> ReproductionView:
    """Compute a check-up again from what was kept with it; for staff and auditors of the area."""
    checkup = await queries.checkup(session, checkup_id)
    who.require(checkup.area_code, *READERS)
    digest, listed = await queries.reproduced(session, checkup)
    return ReproductionView(same=digest == checkup.digest, listed=listed, digest=digest)
