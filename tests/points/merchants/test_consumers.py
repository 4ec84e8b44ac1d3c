"""Whether a merchant takes points, as the events of its debarments tell it."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.points.merchants.queries import community_of_active_merchant
from services.points.merchants.rules import MerchantDebarred
from services.points.worker import HANDLERS
from shared.database import Database
from shared.events import Event
from shared.events.operations import ProviderDebarred, ProviderListed, ProviderRestored, ProviderRestricted
from shared.inbox import Inbox
from tests.operations.ground import message
from tests.points.book import QINGBO

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
SHOP = uuid.uuid4()
ABOUT = {"community_code": QINGBO, "provider_id": SHOP}
LISTED = ProviderListed(**ABOUT, kind="merchant", name="清波早餐店")
EVERYWHERE = ProviderDebarred(**ABOUT, basis="虚开积分", effective_at=NOW)


def restricted(area: str, scene: str = "") -> ProviderRestricted:
    return ProviderRestricted(**ABOUT, basis="虚开积分", effective_at=NOW, area=area, scene=scene)


def restored(area: str = "", scene: str = "") -> ProviderRestored:
    return ProviderRestored(**ABOUT, area=area, scene=scene, ground="appeal", effective_at=NOW)


@pytest.mark.parametrize(
    ("events", "open_"),
    [
        ([LISTED], True),
        ([LISTED, EVERYWHERE], False),
        ([EVERYWHERE, LISTED], False),
        ([LISTED, EVERYWHERE, restored()], True),
        ([LISTED, restricted(QINGBO[:6])], False),
        ([LISTED, restricted("330281")], True),
        ([LISTED, restricted("", "health")], True),
        ([LISTED, EVERYWHERE, restricted(QINGBO[:6]), restored(QINGBO[:6])], False),
        ([LISTED, EVERYWHERE, restricted(QINGBO[:6]), restored()], False),
        ([LISTED, EVERYWHERE, restricted("", "health"), restored("", "health")], False),
        ([LISTED, EVERYWHERE, restricted(QINGBO[:6]), restored(), restored(QINGBO[:6])], True),
    ],
)
async def test_a_till_is_open_when_no_debarment_that_covers_it_holds(
    points: Database, events: list[Event], *, open_: bool
) -> None:
    await Inbox("points", points, HANDLERS).take([message(event) for event in events])
    async with points.transaction() as session:
        if open_:
            assert await community_of_active_merchant(session, SHOP, NOW) == QINGBO
        else:
            with pytest.raises(MerchantDebarred):
                await community_of_active_merchant(session, SHOP, NOW)
            assert await community_of_active_merchant(session, SHOP, NOW - timedelta(seconds=1)) == QINGBO
