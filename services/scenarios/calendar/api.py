"""HTTP: which days are holidays, and which are worked instead."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.scenarios.calendar.rules import PUBLISHED_UNTIL, DayKind
from services.scenarios.calendar.set_day import SetDay, set_day
from services.scenarios.timetable.queries import day_kinds
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/calendar", tags=["日历 Calendar"], route_class=IdempotentRoute)

DAYS_MAX = 366


class Day(BaseModel):
    """A day, and what kind it is."""

    day: Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
    kind: Annotated[DayKind, Field(description="普通日、节假日、调休上班日")]


class DayRequest(Day):
    """A day's kind, and by what notice."""

    basis: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE, examples=["国办发明电〔2026〕8 号"])]


class Days(BaseModel):
    """Days that are not ordinary, and how far the published notices reach."""

    items: list[Day]
    published_until: Annotated[date, Field(description="此后未公布的日子按普通日计 / later days count as ordinary")]


@router.get("/days", summary="节假日与调休 / Holidays and make-up workdays")
async def browse(
    session: Transaction,
    _: Caller,
    since: Annotated[date, Query(alias="from", ge=date(2000, 1, 1), lt=date(2100, 1, 1))],
    days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = DAYS_MAX,
) -> Days:
    """List the days that are not ordinary, from a day on."""
    kinds = await day_kinds(session, since, since + timedelta(days=days - 1))
    items = [Day(day=day, kind=kind) for day, kind in kinds.items() if kind != "ordinary"]
    return Days(items=items, published_until=PUBLISHED_UNTIL)


@router.post("/days", status_code=201, summary="设定某日 / Set a day's kind", responses=problems.responses(OutOfScope))
async def set_one(session: Transaction, who: Caller, body: DayRequest) -> Day:
    """Set a day's kind; an official may, of whichever area: the calendar is the nation's."""
    await set_day(session, SetDay(body.day, body.kind, body.basis, who))
    return body
