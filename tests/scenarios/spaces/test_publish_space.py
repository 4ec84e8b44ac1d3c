"""Publishing a space."""

import uuid

import pytest
from sqlalchemy.exc import IntegrityError

from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.queries import find_space, terms_of
from services.scenarios.spaces.rules import Terms
from services.scenarios.spaces.tables import Space
from shared.database import Database
from shared.errors import OutOfScope
from tests.ground import identity
from tests.scenarios.people import COMMUNITY, NEXT_DESK, NOW, OPERATOR


async def test_a_published_space_keeps_its_terms(database: Database, terms: Terms) -> None:
    async with database.transaction() as session:
        published = await publish_space(session, PublishSpace(COMMUNITY, "会议室", terms, OPERATOR, NOW))
    async with database.transaction() as session:
        space = await find_space(session, published.id)
    assert (space.name, terms_of(space), space.published_by) == ("会议室", terms, OPERATOR.subject)


async def test_staff_of_another_community_may_not_publish(database: Database, terms: Terms) -> None:
    async with database.transaction() as session:
        with pytest.raises(OutOfScope):
            await publish_space(session, PublishSpace(COMMUNITY, "会议室", terms, NEXT_DESK, NOW))


async def test_a_community_that_takes_no_part_has_no_spaces(database: Database, terms: Terms) -> None:
    nationwide = identity("staff:official", ("official", "33"))
    async with database.transaction() as session:
        with pytest.raises(CommunityUnknown):
            await publish_space(session, PublishSpace("330102001051", "会议室", terms, nationwide, NOW))


async def test_the_database_too_refuses_terms_that_cannot_be_kept(database: Database) -> None:
    bad = Space(
        community_code=COMMUNITY,
        name="会议室",
        opening_hours=[],
        slot_minutes=30,
        buffer_minutes=0,
        longest_minutes=45,
        unit_ids=[uuid.uuid4()],
        laid_out_until=NOW.date(),
        published_by="staff:x",
    )
    with pytest.raises(IntegrityError, match="ck_space_longest"):
        async with database.transaction() as session:
            session.add(bad)
