"""HTTP of the street cockpit."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.operations.cockpit import queries
from services.operations.cockpit.rules import Measure
from shared import problems
from shared.clock import Day, Moment, local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_cursor, encode_cursor

router = APIRouter(prefix="/cockpit", tags=["街道驾驶舱 cockpit"])

YEAR = timedelta(days=365)
First = Annotated[Day | None, Query(description="起始日，缺省为一年前 / a year ago if left out")]
Last = Annotated[Day | None, Query(description="截止日，缺省为今天 / today if left out")]


class Figure(BaseModel):
    """How many records, and what they come to."""

    measure: Measure
    count: int
    amount: int


class CommunityFigures(BaseModel):
    """A community's figures."""

    community_code: str
    figures: list[Figure]


class MonthFigures(BaseModel):
    """A month's figures of the whole area."""

    month: str
    figures: list[Figure]


class Freshness(BaseModel):
    """How fresh the figures are; without any event there is nothing to be fresh."""

    asked_at: Moment
    last_occurred_at: Moment | None = Field(description="最近一次业务发生时间 / the latest that happened")
    last_received_at: Moment | None = Field(description="最近一次数据到达时间 / the latest that arrived")


class CockpitView(BaseModel):
    """What happens in an area."""

    area: str
    first: date
    last: date
    freshness: Freshness
    totals: list[Figure]
    communities: list[CommunityFigures]
    months: list[MonthFigures]


class RecordView(BaseModel):
    """A record, by the id it has where it happened."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    measure: Measure
    source_id: uuid.UUID
    day: date
    amount: int
    occurred_at: Moment


@router.get("/{area}", summary="街道驾驶舱 / The cockpit of an area", responses=problems.responses(OutOfScope))
async def get_cockpit(
    area: AreaPrefix, session: Transaction, who: Caller, first: First = None, last: Last = None
) -> CockpitView:
    """See what happens in an area, from roll-ups; for those who hold a role over the whole of it."""
    span, now = _span(who, area, first, last)
    sums = await queries.sums(session, span)
    communities, months = sorted({one.community_code for one in sums}), sorted({one.month for one in sums})
    return CockpitView(
        area=area,
        first=span.first,
        last=span.last,
        freshness=Freshness(
            asked_at=now,
            last_occurred_at=max((one.occurred_at for one in sums), default=None),
            last_received_at=max((one.received_at for one in sums), default=None),
        ),
        totals=_figures(sums),
        communities=[
            CommunityFigures(community_code=code, figures=_figures(one for one in sums if one.community_code == code))
            for code in communities
        ],
        months=[
            MonthFigures(month=f"{month:%Y-%m}", figures=_figures(one for one in sums if one.month == month))
            for month in months
        ],
    )


@router.get(
    "/{area}/records",
    summary="下钻到明细 / Down to the records",
    responses=problems.responses(OutOfScope, BadCursor),
)
async def list_records(
    area: AreaPrefix,
    measure: Measure,
    session: Transaction,
    who: Caller,
    *,
    first: First = None,
    last: Last = None,
    page_size: PageSize = 50,
    cursor: Cursor = None,
) -> Page[RecordView]:
    """List the records that a figure is the sum of; for the same callers."""
    span, _ = _span(who, area, first, last)
    found = await queries.records(session, span, measure, _place(cursor) if cursor else None, page_size + 1)
    page = [RecordView.model_validate(one) for one in found[:page_size]]
    more = len(found) > page_size
    end = encode_cursor(page[-1].community_code, page[-1].day.isoformat(), str(page[-1].source_id)) if more else None
    return Page(items=page, next_cursor=end)


def _span(who: Caller, area: str, first: date | None, last: date | None) -> tuple[queries.Span, datetime]:
    who.require(area, "desk", "operator", "official", "auditor")
    now = datetime.now(UTC)
    end = last or local_day(now)
    return queries.Span(area, first or end - YEAR, end), now


def _place(cursor: str) -> queries.Place:
    code, day, source_id = decode_cursor(cursor, str, str, str)
    try:
        return queries.Place(str(code), date.fromisoformat(str(day)), uuid.UUID(str(source_id)))
    except ValueError as error:
        raise BadCursor from error


def _figures(sums: Iterable[queries.Sum]) -> list[Figure]:
    totals: dict[Measure, list[int]] = {}
    for one in sums:
        total = totals.setdefault(one.measure, [0, 0])
        total[0] += one.count
        total[1] += one.amount
    return [Figure(measure=name, count=count, amount=amount) for name, (count, amount) in sorted(totals.items())]
