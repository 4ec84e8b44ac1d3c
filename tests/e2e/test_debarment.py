"""A debarment is in force at the gateway, in bookings and in redemptions at once, and so is the end of it."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from gmssl_pyx import sm2_key_generate

from deploy.demo import forms
from deploy.demo.callers import Application, Caller, callers
from deploy.demo.forms import QINGBO
from deploy.demo.two_persons import allow
from deploy.demo.waiting import once_known, until
from shared.clock import CHINA
from tests.platform import RunningPlatform

IN_FORCE_S = 5
"""The row's own limit."""
RESIDENT = "5d186395-0b5a-5d13-b5bf-1b53b5d09760"
SPACES, PROVIDERS, MERCHANTS = "/v1/scenarios/spaces", "/v1/operations/providers", "/v1/points/merchants"
ORDER = {"basis": "虚假兑换，经核实", "authority": "上城区社会建设局"}
OPEN, CLOSED = (200, 201, 201), (401, 409, 409)


@dataclass
class Shop:
    """A merchant with a till, and with a space under a contract; a resident books the space and pays at the till."""

    provider_id: str
    contract_id: str
    space_id: str
    till: Caller
    resident: Caller
    free_from: datetime

    async def knock(self) -> tuple[int, int, int]:
        """Call as its till, book its space, and pay it; returns the three statuses."""
        request = self.till.http.build_request("GET", f"{MERCHANTS}/{self.provider_id}")
        await self.till.signer.sign(self.till.http, request)
        called = await self.till.http.send(request)
        ends_at = self.free_from + timedelta(minutes=15)
        period = {"starts_at": self.free_from.isoformat(), "ends_at": ends_at.isoformat()}
        booking = {"space_id": self.space_id, **period, "resident_id": RESIDENT, "channel": "app"}
        booked = await self.resident.try_post("/v1/scenarios/bookings", booking)
        self.free_from = ends_at if booked.is_success else self.free_from
        paid = await self.resident.try_post("/v1/points/quotes", {"merchant_id": self.provider_id, "price": 1})
        if paid.is_success:
            paid = await self.resident.try_post("/v1/points/redemptions", {"quote_id": paid.json()["id"]})
        return called.status_code, booked.status_code, paid.status_code

    async def comes(self, wanted: tuple[int, int, int]) -> None:
        """Knock until all three answer as wanted, within the row's limit."""
        async with asyncio.timeout(IN_FORCE_S):
            await until(self.knock, wanted.__eq__, f"{wanted} of the three doors")


@pytest.fixture
async def cast(platform: RunningPlatform) -> AsyncIterator[dict[str, Caller]]:
    """Who calls, by name in the sandbox."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=15) as http:
        yield callers(http, platform.sandbox)


async def hand_out_a_till(cast: dict[str, Caller], provider_id: str) -> Caller:
    """Let two administrators put the provider's application on the shelf."""
    name = f"till-{provider_id[:8]}"
    document = {
        "kind": "merchant",
        "owner": "清波早餐店",
        "provider_id": provider_id,
        "purpose": "收银",
        "expires_at": "2099-01-01T00:00:00Z",
        "shelf": "on-shelf",
        "dialects": ["x-bg-hmac"],
        "grants": [{"operation": f"GET {MERCHANTS}/{{merchant_id}}", "prefix": QINGBO}],
    }
    first, second = cast["platform-admin-1"], cast["platform-admin-2"]
    proposal = {"kind": "application", "name": name, "document": document, "reason": "试点"}
    change = await first.post("/v1/console/changes", proposal)
    await second.post(f"/v1/console/changes/{change['id']}/decision", {"verdict": "approved"})
    made = await first.post(f"/v1/console/applications/{name}/secrets", None)
    return Caller(first.http, Application(name, made["secret"]))


async def entrust(official: Caller, provider_id: str, space_id: str) -> str:
    """Give the provider the space by a contract that both sign; returns the contract."""
    keys = {party: sm2_key_generate() for party in ("community", provider_id)}
    service = {"code": "早餐", "unit_price_fen": 500}
    line = {"kind": "space_for_service", "no": 1, "description": "以场地换服务", "space_id": space_id}
    drawn = forms.contract(provider_id, keys, datetime.now(CHINA).date())
    drawn["terms"]["lines"] = [{**line, "rent_fen_per_month": 100_000, "corridor_bp": 1000, "services": [service]}]
    contract = await official.post("/v1/operations/contracts", {**drawn, "community_code": QINGBO})
    for party, pair in keys.items():
        signature = forms.signature(contract["versions"][0], party, pair)
        await official.post(f"/v1/operations/contracts/{contract['id']}/signatures", signature)
    contract_id: str = contract["id"]
    return contract_id


async def give_points(cast: dict[str, Caller], points: int) -> None:
    """Let the resident earn service points by a rule of this test's own."""
    activity = f"breakfast-{uuid.uuid4().hex[:8]}"
    rule = forms.rule(activity, "service", points, 1)
    await allow(cast, rule)
    deed = {
        "community_code": QINGBO,
        "activity": activity,
        "reference": activity,
        "resident_id": RESIDENT,
        "quantity": 1,
        "occurred_at": datetime.now(UTC).isoformat(),
        "evidence": {"seen_by": "qingbomen-desk"},
    }
    await cast["qingbomen-desk"].post("/v1/points/deeds", deed)


@pytest.fixture
async def shop(cast: dict[str, Caller]) -> Shop:
    """A shop whose three doors are open."""
    official = cast["shangcheng-official"]
    await official.try_post("/v1/operations/communities", {"code": QINGBO})
    application = {**forms.provider("merchant", "清波早餐店", random.SystemRandom()), "community_code": QINGBO}
    provider = await official.post(PROVIDERS, {**application, "state": "candidate"})
    assert provider["state"] == "candidate"
    path = f"{PROVIDERS}/{provider['id']}"
    for state in ("listed", "watched", "listed"):
        assert (await official.post(f"{path}/listing", {**ORDER, "state": state}))["state"] == state
    hours = [{"weekday": day, "opens": "06:00", "closes": "22:00"} for day in range(1, 8)]
    room = {**forms.room(), "name": f"早餐店 {provider['id'][:8]}", "opening_hours": hours, "slot_minutes": 15}
    space = await once_known(lambda: cast["qingbomen-desk"].post(SPACES, room))
    contract_id = await entrust(official, provider["id"], space["id"])
    till = await hand_out_a_till(cast, provider["id"])
    await give_points(cast, 60)
    opens = datetime.now(CHINA).replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=1)
    shop = Shop(provider["id"], contract_id, space["id"], till, cast["qingbomen-resident-1"], opens)
    await shop.comes(OPEN)
    return shop


@pytest.mark.proves("O3")
async def test_a_debarment_closes_three_doors_within_five_seconds_and_its_appeal_opens_them(
    cast: dict[str, Caller], shop: Shop
) -> None:
    official, reviewer = cast["shangcheng-official"], cast["shangcheng-reviewer"]
    path = f"{PROVIDERS}/{shop.provider_id}"
    contract = partial(official.get, f"/v1/operations/contracts/{shop.contract_id}")
    before = datetime.now(UTC).isoformat()
    week = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    order = {**ORDER, "ends_at": week, "running_contracts": "suspend"}
    debarred = await official.post(f"{path}/debarment", order)
    await shop.comes(CLOSED)
    await until(contract, lambda seen: seen["state"] == "suspended", "the contract's suspension")
    last = debarred["history"][-1]
    assert (last["state"], last["basis"], last["authority"]) == ("debarred", ORDER["basis"], ORDER["authority"])
    assert datetime.fromisoformat(last["ends_at"]) == datetime.fromisoformat(week)
    assert (await official.get(path, as_of=before))["state"] == "listed"
    assert (await official.get(path, as_of=week))["state"] == "listed"
    appeal = f"{path}/decisions/{last['revision']}/appeal"
    await official.post(appeal, {"grounds": "所列交易真实"})
    assert await shop.knock() == CLOSED
    answer = {"outcome": "upheld", "reason": "复核交易流水", "authority": "上城区民政局"}
    assert (await official.try_post(f"{appeal}/answer", answer)).status_code == 409
    assert (await reviewer.post(f"{appeal}/answer", answer))["state"] == "listed"
    await shop.comes(OPEN)
    await until(contract, lambda seen: seen["state"] == "in_force", "the contract's resumption")


@pytest.mark.proves("O3")
async def test_a_debarment_in_one_area_or_scene_holds_there(cast: dict[str, Caller], shop: Shop) -> None:
    official = cast["shangcheng-official"]
    path = f"{PROVIDERS}/{shop.provider_id}"
    await official.post(f"{path}/debarment", {**ORDER, "scene": "health"})
    await official.post(f"{path}/debarment", {**ORDER, "area": "330281"})
    here = await official.post(f"{path}/debarment", {**ORDER, "area": QINGBO})
    await shop.comes((200, 409, 409))
    assert here["history"][-1]["area"] == QINGBO
    last = here["history"][-1]["revision"]
    await official.post(f"{path}/decisions/{last}/appeal", {"grounds": "所列交易真实"})
    answer = {"outcome": "upheld", "reason": "复核交易流水", "authority": "上城区民政局"}
    await cast["shangcheng-reviewer"].post(f"{path}/decisions/{last}/appeal/answer", answer)
    await shop.comes(OPEN)
