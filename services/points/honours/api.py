"""Tiers of honour, and leaderboards."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.points.accounts.rules import resident_of
from services.points.honours.queries import BEGINNING, best_of, earned_by, scheme_for
from services.points.honours.rules import months_before, tier_of
from services.points.ledger.rules import month_end_after
from shared.clock import local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, ResidentId, covers
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["荣誉 honours"])


class HonourView(BaseModel):
    """What a resident has earned, the tier that this comes to, and what the next one takes."""

    area: str
    points_earned: int
    since: date | None = Field(description="自何日起计；空为全部 / counted from this day on")
    tier: str | None
    points_to_next: int | None


class PlaceView(BaseModel):
    """A place on a leaderboard. Who stands there is shown to staff, and to residents of themselves alone."""

    rank: int
    points: int
    resident_id: ResidentId | None
    me: bool


@router.get("/accounts/me/honour", summary="我的荣誉等级 / My tier of honour", responses=responses(OutOfScope))
async def read_honour(session: Transaction, who: Caller) -> HonourView:
    """Show the resident its tier: from what it earned, whatever it has spent since."""
    own, now = resident_of(who), datetime.now(UTC)
    scheme = await scheme_for(session, own.home_community)
    area = scheme.area if scheme else own.home_community
    since = months_before(local_day(now), scheme.months) if scheme and scheme.months else None
    points = await earned_by(session, own.resident_id, area, since or BEGINNING, now)
    tier, missing = tier_of(points, scheme.tiers if scheme else [])
    return HonourView(area=area, points_earned=points, since=since, tier=tier, points_to_next=missing)


@router.get("/leaderboards", summary="积分榜 / Leaderboard", responses=responses(OutOfScope))
async def read_leaderboard(
    *,
    area: Annotated[AreaPrefix, Query(min_length=6)],
    month: Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-11"])],
    session: Transaction,
    who: Caller,
    activity: Annotated[str, Query(max_length=40, pattern=PRINTABLE)] = "",
    most: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[PlaceView]:
    """Show who earned most in a month, in an area of the caller's own."""
    staff = who.holds(area, "desk", "operator", "official")
    if not staff and not covers(area, resident_of(who).home_community):
        raise OutOfScope(area=area, roles="resident、desk、operator、official")
    first = date.fromisoformat(f"{month}-01")
    after = month_end_after(first, 0) + timedelta(days=1)
    places = await best_of(session, area, activity, since=first, until=after, most=most)
    return [
        PlaceView(
            rank=place.rank,
            points=place.points,
            resident_id=place.resident_id if staff or who.subject == f"resident:{place.resident_id}" else None,
            me=who.subject == f"resident:{place.resident_id}",
        )
        for place in places
    ]
