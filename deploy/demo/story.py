"""The story: a good deed in one community is worth something in the next."""

import asyncio
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from gmssl_pyx import sm2_key_generate

from deploy.demo import forms
from deploy.demo.callers import Caller, UnexpectedAnswerError
from deploy.demo.chapters import Chapters
from deploy.demo.forms import DONGJIANG, JINFENG, QINGBO
from deploy.demo.two_persons import allow
from deploy.demo.waiting import BrokenPromiseError, all_taken_in, once_known, read_flows, until
from shared.clock import CHINA

COMMUNITIES_OF_SHANGCHENG = 203
WITHOUT_PHONE = uuid.UUID("7d3e7a52-3d34-4c40-9a5e-2f4c8a3b6f10")
RESIDENT = uuid.UUID("5d186395-0b5a-5d13-b5bf-1b53b5d09760")
PRICE, DISCOUNT_BP = 90, 1000
MOVING = {"floor_bp": 500, "ceiling_bp": 3000, "full_at": 1_000_000}
DEBARRED_WITHIN_S = 5.0
AT_ONCE = 8


@dataclass
class Story:
    """One telling of the story over a running platform; it can be told again on the same data.

    Attributes:
        cast: Who calls, by name in the sandbox.
        told: Where the rows go.
        dice: Chooses what must differ from telling to telling.
    """

    cast: Mapping[str, Caller]
    told: Chapters
    dice: random.Random = field(default_factory=random.Random)
    merchant_id: str = ""
    contract_id: str = ""
    activity_id: str = ""

    async def tell(self) -> None:
        """Tell it from the first chapter to the last.

        Raises:
            UnexpectedAnswerError: The platform answered otherwise than the story goes.
            BrokenPromiseError: An invariant does not hold, or something did not come in time.
        """
        await self.who_takes_part()
        await self.what_is_offered()
        await self.what_is_done_and_earned()
        await self.what_is_spent_next_door()
        await self.what_the_merchant_is_owed()
        await self.what_must_always_hold()

    def caller(self, name: str) -> Caller:
        """Return who calls under a name of the sandbox."""
        return self.cast[name]

    async def who_takes_part(self) -> None:
        """Register communities, an operator, a merchant and a contract with one KPI."""
        self.told.begin("一、登记 Who takes part")
        communities = await self._communities("330102")
        await self._register("shangcheng-official", [c["code"] for c in communities if not c["registered"]])
        await self._register("yuyao-official", [DONGJIANG, JINFENG])
        self.told.row("上城区社区 communities of Shangcheng", f"{COMMUNITIES_OF_SHANGCHENG} 个已登记 registered")
        self.told.row("余姚市社区 communities of Yuyao", "东江社区、锦凤社区 已登记 registered")
        official = self.caller("yuyao-official")
        for kind, name in (("operator", "东江社区运营公司"), ("merchant", "东江便利店")):
            provider = await official.post("/v1/operations/providers", forms.provider(kind, name, self.dice))
            self.told.row(f"{name} {kind}", f"{provider['social_credit_code']} → {provider['state']} {provider['id']}")
            self.merchant_id = provider["id"]
        keys = {party: sm2_key_generate() for party in ("community", self.merchant_id)}
        terms = forms.contract(self.merchant_id, keys, datetime.now(CHINA).date())
        contract = await official.post("/v1/operations/contracts", terms)
        self.contract_id = contract["id"]
        for party, pair in keys.items():
            signature = forms.signature(contract["versions"][0], party, pair)
            contract = await official.post(f"/v1/operations/contracts/{self.contract_id}/signatures", signature)
        self.told.row("合同与指标 contract and KPI", f"{self.contract_id} 积分兑换 points_redeemed ≥ 1000")
        self.told.row("双方 SM2 签署 sealed", f"SM3 {contract['seal'][:16]}… {contract['state']}")

    async def what_is_offered(self) -> None:
        """Publish an activity and a room; book it, be refused with alternatives, and be booked for at the desk."""
        self.told.begin("二、场景 What is offered")
        desk = self.caller("qingbomen-desk")
        now = datetime.now(UTC)
        activity = {
            "community_code": QINGBO,
            "kind": "volunteering",
            "title": "清波门河道清洁志愿活动",
            "capacity": 30,
            "starts_at": (now - timedelta(hours=2)).isoformat(),
            "ends_at": (now + timedelta(minutes=5)).isoformat(),
        }
        published = await once_known(lambda: desk.post("/v1/scenarios/activities", activity))
        self.activity_id = published["id"]
        self.told.row("志愿活动 activity", f"{published['title']} {self.activity_id}")
        room = await desk.post("/v1/scenarios/spaces", forms.room())
        self.told.row("共享空间 room", f"{room['name']} {room['id']}")
        slot = await self._first_free(room["id"])
        booking = {**slot, "space_id": room["id"], "resident_id": str(RESIDENT), "channel": "app"}
        booked = await self.caller("qingbomen-resident-1").post("/v1/scenarios/bookings", booking)
        self.told.row("居民甲预约 a resident books", f"{booked['state']} {_span(booked)}")
        other = {**booking, "resident_id": "02dd134e-3d62-5bda-a64a-25fcba6b6b9b"}
        refused = await self.caller("qingbomen-resident-2").try_post("/v1/scenarios/bookings", other)
        problem = _refusal(refused, 409)
        free = problem["alternatives"]["same_space"]
        self.told.row("居民乙约同一时段 another, same slot", f"409 {_name(problem)}，备选 alternatives {len(free)}")
        assisted = {
            **booking,
            "starts_at": free[0]["starts_at"],
            "ends_at": free[0]["ends_at"],
            "resident_id": str(WITHOUT_PHONE),
            "channel": "desk",
            "consent": {"form": "spoken", "reference": "服务台登记簿 第 12 页"},
        }
        booked = await desk.post("/v1/scenarios/bookings", assisted)
        self.told.row("服务台代办 booked at the desk", f"{booked['state']} {_span(booked)} channel={booked['channel']}")

    async def what_is_done_and_earned(self) -> None:
        """Check in and out, earn service points by a rule; sort waste for basic points."""
        self.told.begin("三、善行与积分 What is done and earned")
        desk = self.caller("qingbomen-desk")
        rules = forms.rule("volunteering", "service", 60, 60), forms.rule("waste-sorting", "basic", 5, 1)
        await allow(self.cast, *rules)
        self.told.row("预算与积分规则，双人复核 by two persons", "志愿服务每小时 60 服务积分；垃圾分类每次 5 基本积分")
        before = await self._held()
        presence = {
            "resident_id": str(RESIDENT),
            "channel": "paper",
            "consent": {"form": "signed", "reference": "志愿活动签到表 第 1 行"},
        }
        path = f"/v1/scenarios/activities/{self.activity_id}"
        now = datetime.now(UTC)
        await desk.post(f"{path}/sign-ups", {**presence, "resident_community_code": QINGBO})
        await desk.post(f"{path}/check-ins", {**presence, "at": (now - timedelta(minutes=119)).isoformat()})
        out = await desk.post(f"{path}/check-outs", {**presence, "at": now.isoformat()})
        self.told.row("签到签退 checked in and out", f"{out['minutes']} 分钟 minutes")
        earned = await until(self._held, lambda held: held["service"] > before["service"], "service points")
        gained = earned["service"] - before["service"]
        self.told.row("获得服务积分 service points earned", f"+{gained}，{earned['lot']}")
        deed = {
            "community_code": QINGBO,
            "activity": "waste-sorting",
            "reference": uuid.uuid4().hex,
            "resident_id": str(RESIDENT),
            "quantity": 1,
            "occurred_at": now.isoformat(),
            "evidence": {"device": "bin-0017", "grams": 830},
        }
        basic = await self.caller("smart-bins-330102").post("/v1/points/deeds", deed)
        self.told.row("垃圾分类 waste sorting (signed by the bin)", f"+{basic['points']} 基本积分 basic points")
        await self._agree_corridor()

    async def what_is_spent_next_door(self) -> None:
        """Be refused with basic points; pay a merchant of the other community with service points, in one step."""
        self.told.begin("四、跨社区兑换 What is spent next door")
        resident = self.caller("qingbomen-resident-1")
        wish = {"merchant_id": self.merchant_id, "price": PRICE}
        quote = await once_known(lambda: resident.post("/v1/points/quotes", wish))
        self.told.row(
            "报价 quote",
            f"商户得 {quote['price']}，居民付 {quote['paid']}，折扣 {quote['discount_bp'] / 100:.0f}% discount",
        )
        body = {"quote_id": quote["id"]}
        refused = await resident.try_post("/v1/points/redemptions", {**body, "asset_class": "basic"})
        self.told.row("用基本积分 with basic points", f"422 {_name(_refusal(refused, 422))}")
        paid = await resident.post("/v1/points/redemptions", body)
        for leg in paid["legs"]:
            entries = "，".join(f"{entry['account']} {entry['amount']:+d}" for entry in leg["entries"])
            self.told.row(f"账本 book of {leg['community_code']}", entries)
        for official, code, other in (("shangcheng", QINGBO, DONGJIANG), ("yuyao", DONGJIANG, QINGBO)):
            positions = await self.caller(f"{official}-official").get(f"/v1/points/clearing/positions/{code}")
            [position] = [each for each in positions if each["counterparty"] == other]
            if not position["agrees"]:
                raise BrokenPromiseError(f"clearing of {code} and {other} differs: {position}")
            self.told.row(f"清算头寸 clearing position of {code}", f"{position['owed']:+d} ↔ {position['mirrored']:+d}")

    async def what_the_merchant_is_owed(self) -> None:
        """See the receivable and the KPI move; debar the merchant, and see it refused."""
        self.told.begin("五、结算与黑名单 What the merchant is owed, and how it is debarred")
        official = self.caller("yuyao-official")
        path = f"/v1/operations/merchants/{self.merchant_id}/receivables"
        owed = await until(lambda: official.get(path), lambda page: page["total_count"] == 1, "the receivable")
        self.told.row("应收 receivable of the merchant", f"{owed['total_points']} 积分 points")
        path = f"/v1/operations/contracts/{self.contract_id}/kpis/{datetime.now(CHINA):%Y-%m}"
        measured = await until(
            lambda: official.get(path), lambda kpis: kpis[0]["inputs"]["points_redeemed"] == PRICE, "the KPI"
        )
        kpi = measured[0]
        self.told.row("合同指标 KPI of the contract", f"{kpi['inputs']['points_redeemed']} / {kpi['target']}")
        order = {"basis": "虚假兑换，经核实", "authority": "余姚市社会建设部"}
        await official.post(f"/v1/operations/providers/{self.merchant_id}/debarment", order)
        started = time.monotonic()
        wish = {"merchant_id": self.merchant_id, "price": PRICE}
        resident = self.caller("qingbomen-resident-1")
        merchant = f"/v1/points/merchants/{self.merchant_id}"
        await until(lambda: resident.get(merchant), lambda seen: not seen["takes_points"], "the debarment")
        took_s = time.monotonic() - started
        refused = await resident.try_post("/v1/points/quotes", wish)
        if took_s > DEBARRED_WITHIN_S:
            raise BrokenPromiseError(f"the debarment took {took_s:.1f} s to be in force")
        self.told.row("列入黑名单后 after the debarment", f"409 {_name(_refusal(refused, 409))}，{took_s:.2f} s < 5 s")

    async def what_must_always_hold(self) -> None:
        """Check the book, and that no event was left behind."""
        self.told.begin("六、核验 What must always hold")
        official = self.caller("shangcheng-official")
        book = await official.get("/v1/points/integrity")
        for finding in book["findings"]:
            self.told.row(finding["invariant"], "✓" if not finding["broken"] else f"✗ {finding['broken']}")
        if not book["holds"]:
            raise BrokenPromiseError(f"the book does not hold: {book['findings']}")
        flows = await until(partial(read_flows, official), all_taken_in, "all events")
        self.told.row("未达事件 events left behind", 0)
        dead = sum(flow["dead_letters"] for flow in flows.values())
        self.told.row("死信 dead letters", dead)
        if dead:
            raise BrokenPromiseError(f"{dead} dead letters wait")

    async def _communities(self, area: str) -> list[dict[str, Any]]:
        official, found, cursor = self.caller("shangcheng-official"), [], None
        while True:
            page = await official.get(
                "/v1/operations/communities", area=area, page_size=200, **({"cursor": cursor} if cursor else {})
            )
            found += page["items"]
            if (cursor := page["next_cursor"]) is None:
                break
        if len(found) != COMMUNITIES_OF_SHANGCHENG:
            raise BrokenPromiseError(f"{area} has {len(found)} communities, not {COMMUNITIES_OF_SHANGCHENG}")
        return found

    async def _register(self, official: str, codes: list[str]) -> None:
        limit = asyncio.Semaphore(AT_ONCE)

        async def register(code: str) -> None:
            async with limit:
                answer = await self.caller(official).try_post("/v1/operations/communities", {"code": code})
                if answer.status_code not in {201, 409}:
                    raise UnexpectedAnswerError(f"{code}: {answer.text}")

        await asyncio.gather(*map(register, codes))

    async def _first_free(self, space_id: str) -> dict[str, str]:
        start = datetime.now(CHINA).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
        free = await self.caller("qingbomen-desk").get(
            f"/v1/scenarios/spaces/{space_id}/free",
            **{"from": start.isoformat(), "to": (start + timedelta(hours=9)).isoformat()},
        )
        first = datetime.fromisoformat(free["items"][0]["starts_at"])
        return {"starts_at": first.isoformat(), "ends_at": (first + timedelta(hours=1)).isoformat()}

    async def _agree_corridor(self) -> None:
        corridor = {"from_community": QINGBO, "to_community": DONGJIANG}
        proposed = await self.caller("shangcheng-official").post(
            "/v1/points/corridors", {**corridor, "discount_bp": DISCOUNT_BP, **MOVING}
        )
        agreed = {**corridor, "version": proposed["version"]}
        await self.caller("yuyao-official").post("/v1/points/corridors/agreements", agreed)
        self.told.row(
            "积分互通 corridor 清波门 → 东江",
            f"折扣 {DISCOUNT_BP / 100:.0f}%（随净欠额浮动 moves）双方同意 agreed by both",
        )

    async def _held(self) -> dict[str, Any]:
        account = await self.caller("qingbomen-resident-1").get("/v1/points/accounts/me")
        held: dict[str, Any] = {"basic": 0, "service": 0, "lot": ""}
        for each in account["held"]:
            if each["community_code"] == QINGBO:
                held[each["asset_class"]] = each["balance"]
                if each["asset_class"] == "service":
                    held["lot"] = f"有效期至 expires {each['lots'][-1]['expires_on']}" if each["lots"] else ""
        return held


def _refusal(answer: httpx.Response, status: int) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    if answer.status_code != status:
        raise UnexpectedAnswerError(f"expected a refusal with {status}, got {answer.status_code} {problem}")
    return problem


def _name(problem: Mapping[str, Any]) -> str:
    return f"{problem['type'].rsplit('/', 1)[1]} {problem['title']}"


def _span(booking: Mapping[str, Any]) -> str:
    starts, ends = (datetime.fromisoformat(booking[end]).astimezone(CHINA) for end in ("starts_at", "ends_at"))
    return f"{starts:%H:%M}–{ends:%H:%M}"
