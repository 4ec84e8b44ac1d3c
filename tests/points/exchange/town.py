"""Two communities with a merchant each, and residents of both who hold points."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.tables import Community
from services.points.exchange.agree_corridor import AgreeCorridor, ProposeCorridor, agree_corridor, propose_corridor
from services.points.exchange.make_quote import AskQuote, make_quote
from services.points.exchange.rules import Terms
from services.points.exchange.tables import Corridor, Quote
from services.points.ledger.rules import AssetClass
from services.points.merchants.tables import Merchant
from services.points.redemptions.redeem import Captured, Redeem, redeem
from shared.database import Database
from shared.errors import unless_refused
from tests.points.book import DONGJIANG, NOW, QINGBO, grant

ZHANG, LI = uuid.uuid4(), uuid.uuid4()
SHOP, CORNER_SHOP = uuid.uuid4(), uuid.uuid4()
HOMES = {ZHANG: QINGBO, LI: DONGJIANG}
PLACES = {SHOP: DONGJIANG, CORNER_SHOP: QINGBO}
DAY = timedelta(days=1)


async def settle_in(session: AsyncSession, points: int) -> None:
    """Register both communities and their merchants, and give each resident points."""
    session.add_all([Community(community_code=code, name=code) for code in (QINGBO, DONGJIANG)])
    session.add_all([Merchant(merchant_id=shop, community_code=code, name=code) for shop, code in PLACES.items()])
    await session.flush()
    for who, home in HOMES.items():
        await grant(session, who, points, community_code=home)


async def agree(
    session: AsyncSession,
    terms: Terms,
    *,
    there: tuple[str, str] = (QINGBO, DONGJIANG),
    now: datetime = NOW,
    effective_from: datetime | None = None,
) -> Corridor:
    """Propose terms and agree on them."""
    proposed = await propose_corridor(session, ProposeCorridor(*there, terms, "staff:a", effective_from))
    return await agree_corridor(session, AgreeCorridor(*there, proposed.version, "staff:b"), now=now)


async def quote(session: AsyncSession, who: uuid.UUID, shop: uuid.UUID, price: int, *, now: datetime = NOW) -> Quote:
    """Quote what a resident pays at a merchant."""
    return await make_quote(session, AskQuote(who, HOMES[who], shop, price), now=now)


async def execute(session: AsyncSession, quoted: Quote, *, now: datetime = NOW) -> Captured:
    """Execute a quote; raises its refusal."""
    command = Redeem(quoted.resident_id, quoted.quote_id, AssetClass.SERVICE)
    [outcome] = await redeem(session, [command], now=now)
    return unless_refused(outcome)


async def buy(town: Database, who: uuid.UUID, shop: uuid.UUID, price: int, *, now: datetime = NOW) -> Captured:
    """Quote and execute, each in a transaction of its own, as a till does."""
    async with town.transaction() as session:
        quoted = await quote(session, who, shop, price, now=now)
    async with town.transaction() as session:
        return await execute(session, quoted, now=now)
