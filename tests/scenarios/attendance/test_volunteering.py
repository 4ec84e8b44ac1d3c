"""Volunteering, from its publication to the event that earns points and hours, with the evidence in it."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from shared.database import Database
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, OPERATOR, resident
from tests.told import told

SEATS = 3


@pytest.mark.proves("S18")
async def test_volunteers_sign_up_check_in_and_out_and_the_evidence_is_told_once(api: ServiceClient) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    shown = {"kind": "time-bank-companionship", "title": "陪独居老人看病", "capacity": SEATS}
    times = {
        "starts_at": (now - timedelta(hours=2)).isoformat(),
        "ends_at": (now + timedelta(minutes=30)).isoformat(),
    }
    activity = (await api.post("/activities", OPERATOR, {"community_code": COMMUNITY, **shown, **times})).json()
    path = f"/activities/{activity['id']}"
    crowd = [uuid.uuid4() for _ in range(12)]

    async def sign_up(one: uuid.UUID) -> int:
        body = {"resident_id": str(one), "channel": "app", "resident_community_code": COMMUNITY}
        return (await api.post(f"{path}/sign-ups", resident(one), body)).status_code

    took = dict(zip(crowd, await asyncio.gather(*map(sign_up, crowd)), strict=True))
    volunteers = [one for one, status in took.items() if status == 201]
    assert len(volunteers) == SEATS
    left_out = next(one for one in crowd if one not in volunteers)
    paper = {"channel": "paper", "consent": CONSENT}
    came, left = now - timedelta(minutes=115), now - timedelta(minutes=25)
    for number, one in enumerate(volunteers):
        by_paper = {"resident_id": str(one), **paper}
        assert (await api.post(f"{path}/check-ins", DESK, {**by_paper, "at": came.isoformat()})).status_code == 201
        if number:  # the first does not check out, and earns nothing
            done = await api.post(f"{path}/check-outs", DESK, {**by_paper, "at": left.isoformat()})
            assert (done.status_code, done.json()["minutes"]) == (201, 90)
            assert (await api.post(f"{path}/check-outs", DESK, {**by_paper, "at": left.isoformat()})).status_code == 409
    stranger = {"resident_id": str(left_out), **paper, "at": came.isoformat()}
    assert (await api.post(f"{path}/check-ins", DESK, stranger)).status_code == 409

    database = Database(api.database.app, name="test", pool_size=1)
    events = await told(database, "scenarios.attendance-completed.v1")
    await database.close()
    assert {event["resident_id"] for event in events} == {str(one) for one in volunteers[1:]}
    for event in events:
        assert (event["activity_kind"], event["minutes"]) == ("time-bank-companionship", 90)
        assert datetime.fromisoformat(event["checked_in_at"]) == came
        assert datetime.fromisoformat(event["checked_out_at"]) == left
        assert (event["activity_id"], event["resident_community_code"]) == (activity["id"], COMMUNITY)
