"""Recording what merchants are owed."""

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.operations.settlement.queries import owed, total
from shared.database import Database
from shared.events.points import RedemptionCaptured, RedemptionRefunded
from shared.inbox import Inbox
from tests.operations.ground import DONGJIANG, NOW, QINGBOMEN, message

MERCHANT = uuid.uuid4()


def redemption() -> RedemptionCaptured:
    return RedemptionCaptured(
        community_code=DONGJIANG,
        redemption_id=uuid.uuid4(),
        merchant_id=MERCHANT,
        points=40,
        payer_community_code=QINGBOMEN,
        paid_points=50,
        captured_at=NOW,
    )


async def test_a_redemption_is_owed_once_in_the_merchants_own_points(database: Database, inbox: Inbox) -> None:
    event = redemption()
    once = message(event)
    await inbox.take([once, once])
    await inbox.take([once])
    await inbox.take([message(event)])
    async with database.transaction() as session:
        (receivable,) = await owed(session, DONGJIANG, MERCHANT, None, 10)
        assert (receivable.redemption_id, receivable.points) == (event.redemption_id, 40)
        assert receivable.captured_at == NOW
        assert await total(session, DONGJIANG, MERCHANT) == (1, 40)


def refund(of: RedemptionCaptured, points: int, in_all: int) -> RedemptionRefunded:
    return RedemptionRefunded(
        community_code=DONGJIANG,
        redemption_id=of.redemption_id,
        merchant_id=MERCHANT,
        points=points,
        refunded_points=in_all,
        payer_community_code=QINGBOMEN,
        refunded_at=NOW,
    )


async def test_what_a_merchant_gives_back_in_parts_is_owed_no_more_each_part_once(
    database: Database, inbox: Inbox
) -> None:
    event = redemption()
    await inbox.take([message(event), message(redemption())])
    for part in (refund(event, 10, 10), refund(event, 30, 40)):
        await inbox.take([message(part), message(part)])
    async with database.transaction() as session:
        assert await total(session, DONGJIANG, MERCHANT) == (2, 40)
        rows = await owed(session, DONGJIANG, MERCHANT, None, 10)
        assert sorted(row.points for row in rows if row.refund_of == event.redemption_id) == [-30, -10]


async def test_a_receivable_cannot_be_changed(database: Database, inbox: Inbox) -> None:
    await inbox.take([message(redemption())])
    for change in ("UPDATE receivable SET points = 1", "DELETE FROM receivable"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as session:
                await session.execute(text(change))
