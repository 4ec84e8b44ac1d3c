"""Let spend: points of a resident may be held for a purchase, because nobody is suspected and its caps leave room."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.queries import REFUSALS as UNFROZEN
from services.points.fraud.queries import require_unfrozen
from services.points.ledger.rules import merchant, resident
from services.points.limits.read_room import read_room
from services.points.limits.rules import Asked, CapReached, Direction, Use
from shared.clock import local_day

REFUSALS = (*UNFROZEN, CapReached)
"""What `let_spend` may refuse with."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a purchase takes of a resident's points, out of which community's; `merchant_id` is one of this cell."""

    resident_id: uuid.UUID
    community_code: str
    points: int
    merchant_id: uuid.UUID | None = None


async def let_spend(session: AsyncSession, spending: Spending, *, now: datetime) -> None:
    """Let points be held, under the resident's lock: until the transaction ends nobody else takes the same room.

    What is held counts as spent, so that who captures it asks for no room again.

    Raises:
        Frozen: The resident or the merchant is suspected.
        ScreeningLate: Nobody has looked for fraud lately.
        CapReached: The resident may spend no more in this period.
    """
    parties = [resident(spending.resident_id).owner]
    if spending.merchant_id:
        parties.append(merchant(spending.merchant_id).owner)
    await require_unfrozen(session, *parties, now=now)
    use = Use(spending.community_code, None, local_day(now), spending.points)
    asked = Asked(spending.resident_id, use)
    (await read_room(session, Direction.SPEND, [asked], now=now)).take(asked)
