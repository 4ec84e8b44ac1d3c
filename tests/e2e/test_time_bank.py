"""An hour for an hour, through the gateway: help that two gave and got is in the book of hours, and pays for more."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from deploy.demo.callers import Caller, callers
from deploy.demo.forms import QINGBO
from deploy.demo.waiting import once_known, until
from tests.platform import RunningPlatform

HELPER = "qingbomen-resident-2"
HELPER_ID = "02dd134e-3d62-5bda-a64a-25fcba6b6b9b"
CONSENT = {"channel": "desk", "consent": {"form": "signed", "reference": "登记表 7"}}


@pytest.fixture
async def cast(platform: RunningPlatform) -> AsyncIterator[dict[str, Caller]]:
    """Who calls, by name in the sandbox."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=30) as http:
        yield callers(http, platform.sandbox)


def request_of(who: str, **more: object) -> dict[str, Any]:
    """Return a request for an hour of help in five minutes."""
    starts_at = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    help_wanted = {"side": "request", "service": "陪诊", "text": "取药", "starts_at": starts_at, "quarters": 4}
    return {"resident_id": who, "community_code": QINGBO, **help_wanted, **more}


async def hours_of(helper: Caller) -> int:
    """Return how many quarter hours it has."""
    account = await helper.get("/v1/points/accounts/me")
    return sum(each["balance"] for each in account["held"] if each["asset_class"] == "hours")


@pytest.mark.proves("P37")
async def test_help_becomes_hours_and_hours_become_help(cast: dict[str, Caller]) -> None:
    desk, official, helper = cast["qingbomen-desk"], cast["shangcheng-official"], cast[HELPER]
    registered = await official.try_post("/v1/operations/communities", {"code": QINGBO})
    assert registered.status_code in {201, 409}
    had, elder = await hours_of(helper), str(uuid.uuid4())
    wanted = request_of(elder, community_pays=True, **CONSENT)
    post = await once_known(partial(desk.post, "/v1/scenarios/help", wanted))
    oneself = {"resident_id": HELPER_ID, "channel": "app"}
    visit = await helper.post(f"/v1/scenarios/help/{post['id']}/agreement", oneself)
    path = f"/v1/scenarios/help-visits/{visit['id']}"
    code = (await desk.get(path))["code"]
    for step in ("check-in", "check-out", "confirm"):
        await helper.post(f"{path}/steps", {**oneself, "step": step, "code": code})
    confirmed = await desk.post(f"{path}/steps", {"resident_id": elder, **CONSENT, "step": "confirm"})
    assert (confirmed["state"], confirmed["quarters"]) == ("confirmed", 0)  # it took a second
    proposed = await desk.post(f"{path}/corrections", {"quarters": 4, "reason": "纸质签到表"})
    number = proposed["trail"][-1]["number"]
    await official.post(f"{path}/corrections/{number}/agreement", None)
    await until(partial(hours_of, helper), lambda hours: hours == had + 4, "an hour")
    await until(partial(desk.get, path), lambda seen: seen["posted"] == "done", "the word that it is posted")

    asked = await helper.post("/v1/scenarios/help", request_of(HELPER_ID, channel="app"))
    other = {"resident_id": str(uuid.uuid4()), **CONSENT}
    agreed = await desk.post(f"/v1/scenarios/help/{asked['id']}/agreement", other)
    path = f"/v1/scenarios/help-visits/{agreed['id']}"
    await until(partial(helper.get, path), lambda seen: seen["state"] == "pledged", "the pledge")
    too_many = await helper.try_post("/v1/points/time-bank/donations", {"community_code": QINGBO, "quarters": had + 4})
    assert too_many.status_code in {403, 409}  # it is pledged
    await helper.post(f"{path}/steps", {**oneself, "step": "cancel", "reason": "改期"})
