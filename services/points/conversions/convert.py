"""Convert hours into service points, one way: the hours go to the pool, the points are granted, in one posting."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.accounts.queries import held_by
from services.points.conversions.rules import (
    ACTIVITY,
    ConversionCapReached,
    NoConversion,
    Rule,
    UnevenHours,
    expires_on,
    month_of,
    points_for,
)
from services.points.conversions.tables import Conversion, ConversionRule
from services.points.ledger.post import post
from services.points.ledger.rules import (
    ISSUER,
    POOL,
    AssetClass,
    NewLot,
    NotEnoughPoints,
    PostTransfer,
    TransferKind,
    resident,
)
from services.points.limits.read_room import read_room, take_room
from services.points.limits.rules import Asked, CapReached, Direction, OverBudget, Use
from shared.clock import CHINA, local_day
from shared.errors import unless_refused

REFUSALS = (NoConversion, UnevenHours, ConversionCapReached, CapReached, OverBudget, NotEnoughPoints)
"""What `convert` may refuse with."""


@dataclass(frozen=True, slots=True)
class Convert:
    """Who converts how many quarter hours of which community's book."""

    resident_id: uuid.UUID
    community_code: str
    quarters: int
    now: datetime


async def convert(session: AsyncSession, command: Convert) -> Conversion:
    """Convert by the rule in force; the points are good for no longer than the hours were.

    Raises:
        NoConversion: The community has no rule in force.
        UnevenHours: The hours are no whole multiple of what it counts by.
        ConversionCapReached: They are more than the month allows.
        CapReached: The resident may earn fewer points.
        OverBudget: The community may grant fewer.
        NotEnoughPoints: The resident has fewer hours.
    """
    row = await session.scalar(
        select(ConversionRule)
        .where(ConversionRule.community_code == command.community_code, ConversionRule.agreed_at.is_not(None))
        .order_by(ConversionRule.version.desc())
        .limit(1)
    )
    if row is None:
        raise NoConversion(community_code=command.community_code)
    rule = Rule(row.per_quarters, row.points, row.quarters_max_per_month, row.valid_months)
    # One conversion of a resident waits for another, so that none goes past the cap.
    name = {"name": f"conversion {command.community_code} {command.resident_id}"}
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)
    month = month_of(command.now.astimezone(CHINA))
    points = points_for(rule, command.quarters, await _converted(session, command, month))
    conversion = Conversion(
        community_code=command.community_code,
        resident_id=command.resident_id,
        month=month,
        rule_version=row.version,
        quarters=command.quarters,
        points=points,
        converted_at=command.now,
    )
    await _take_room(session, conversion)
    session.add(conversion)
    await session.flush()
    await _move(session, command, conversion, rule)
    return conversion


async def _converted(session: AsyncSession, command: Convert, month: object) -> int:
    rows = select(func.coalesce(func.sum(Conversion.quarters), 0)).where(
        Conversion.community_code == command.community_code,
        Conversion.resident_id == command.resident_id,
        Conversion.month == month,
    )
    return int(await session.scalar(rows) or 0)


async def _take_room(session: AsyncSession, conversion: Conversion) -> None:
    day = local_day(conversion.converted_at)
    use = Use(conversion.community_code, ACTIVITY, day, conversion.points)
    asked = Asked(conversion.resident_id, use)
    room = await read_room(session, Direction.EARN, [asked], now=conversion.converted_at)
    room.take(asked)
    room.issue(use)
    await take_room(session, room.year, [(conversion.community_code, conversion.points)])


async def _move(session: AsyncSession, command: Convert, conversion: Conversion, rule: Rule) -> None:
    held = await held_by(session, command.resident_id, command.now)
    today = local_day(command.now)
    lots = [
        lot
        for one in held
        if (one.community_code, one.asset_class) == (command.community_code, AssetClass.HOURS)
        for lot in one.lots
        if lot.expires_on >= today
    ]
    if not lots:
        raise NotEnoughPoints(available=0, required=command.quarters)
    who, reference = resident(command.resident_id), f"conversion:{conversion.conversion_id}"
    code, give, earn = command.community_code, TransferKind.GIVE, TransferKind.EARN
    spent = ((who, -command.quarters), (POOL, command.quarters))
    granted = ((ISSUER, -conversion.points), (who, conversion.points))
    lot = NewLot(ACTIVITY, expires_on(rule, today, lots[0].expires_on))
    posting = [
        PostTransfer(code, AssetClass.HOURS, give, reference, spent),
        PostTransfer(code, AssetClass.SERVICE, earn, reference, granted, lot),
    ]
    [outcome] = await post(session, [posting], now=command.now)
    unless_refused(outcome)
