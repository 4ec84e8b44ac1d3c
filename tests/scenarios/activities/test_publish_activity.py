"""Publishing an activity."""

from datetime import datetime

import pytest

from services.scenarios.activities.publish_activity import PublishActivity, publish_activity
from services.scenarios.activities.rules import CODE_LENGTH, TimesInadmissible
from services.scenarios.communities.rules import CommunityUnknown
from shared.database import Database
from shared.errors import OutOfScope
from shared.identity import Identity
from tests.ground import identity
from tests.scenarios.conftest import PublishActivityFor
from tests.scenarios.people import ACTIVITY, COMMUNITY, DESK, NEXT_DESK, NOW, clock


def command(community: str = COMMUNITY, by: Identity = DESK, now: datetime = NOW) -> PublishActivity:
    return PublishActivity(community, "volunteering", "清洁楼道", 20, *ACTIVITY, by, now)


async def test_each_activity_has_a_code_of_its_own(publish_for: PublishActivityFor) -> None:
    first, second = await publish_for(20), await publish_for(20)
    assert first.code != second.code
    assert len(first.code) == CODE_LENGTH


async def test_refusals_to_publish(database: Database) -> None:
    nationwide = identity("staff:official", ("official", "33"))
    async with database.transaction() as session:
        with pytest.raises(OutOfScope):
            await publish_activity(session, command(by=NEXT_DESK))
        with pytest.raises(TimesInadmissible):
            await publish_activity(session, command(now=clock(1, 12)))
        with pytest.raises(CommunityUnknown):
            await publish_activity(session, command("330102001051", nationwide))
