"""An emergency drill 应急演练 through the gateway: what the plan would change, then for good, and all of it undone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.callers import Caller
from deploy.demo.chapters import Chapters
from deploy.demo.waiting import BrokenPromiseError
from shared.clock import CHINA

DONGJIANG = "330281002015"
RESIDENT = "dongjiang-resident"
EVERY_DAY = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]


class Drill:
    """Plays a drill in 东江社区, on spaces of its own; `./linli demo` has registered the community.

    Args:
        callers: The sandbox's users, by name.
        resident_id: The id of the resident that books.
        told: Where it is told.
    """

    def __init__(self, callers: Mapping[str, Caller], resident_id: str, told: Chapters) -> None:
        self._operator, self._official = callers["yuyao-operator"], callers["yuyao-official"]
        self._resident, self._resident_id, self.told = callers[RESIDENT], resident_id, told

    async def play(self) -> None:
        """Book two halls, rehearse a plan that takes them, put it into force, and stand down."""
        self.told.begin("平时 In peace")
        halls = [await self._publish(name) for name in ("礼堂", "活动室", "邻里客厅")]
        bookings = [await self._book(hall, 9) for hall in halls[:2]]
        self.told.row("预约 bookings", "礼堂、活动室 明日 9 时 tomorrow at nine；邻里客厅只容一个 has room for one")
        plan = await self._plan(halls)
        self.told.begin("演练 The drill: nothing of it is done")
        tomorrow = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        body = {"reason": "台风红色预警", "until": tomorrow}
        rehearsed = await self._operator.post(f"/v1/scenarios/emergency-plans/{plan}/rehearsal", body)
        self._tell(rehearsed)
        self._promise(rehearsed["restored"], "a rehearsal that can be undone")
        await self._expect(bookings, "confirmed", halls)
        self.told.begin("启动 In force, by one command")
        declared = await self._operator.post(f"/v1/scenarios/emergency-plans/{plan}/declaration", body)
        self._tell(declared)
        self._promise(_diff(declared) == _diff(rehearsed), "a plan that does what its rehearsal has shown")
        self.told.begin("解除 Stood down")
        ended = await self._operator.post(f"/v1/scenarios/emergencies/{declared['id']}/end", None)
        self._promise(all(change["undone_at"] for change in ended["changes"]), "a reversal of every change")
        await self._expect(bookings, "confirmed", halls)
        self.told.row("恢复 put back", f"{len(ended['changes'])} 个预约 bookings, as they were")

    async def _publish(self, name: str) -> str:
        terms = {"slot_minutes": 60, "longest_minutes": 120, "opening_hours": EVERY_DAY}
        body = {"community_code": DONGJIANG, "name": f"{name}（演练）", **terms}
        return str((await self._operator.post("/v1/scenarios/spaces", body))["id"])

    async def _book(self, space_id: str, hour: int) -> str:
        start = datetime.now(CHINA).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=1)
        times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}
        body = {"space_id": space_id, "resident_id": self._resident_id, "channel": "app", **times}
        return str((await self._resident.post("/v1/scenarios/bookings", body))["id"])

    async def _plan(self, halls: list[str]) -> str:
        body = {
            "community_code": DONGJIANG,
            "name": "防台避灾",
            "takeover": halls[:2],
            "essential": [],
            "refuges": halls[2:],
            "care": [self._resident_id],
            "supplies": {"折叠床": 40, "饮用水（箱）": 60},
            "broadcast": "礼堂、活动室即刻起作为避灾安置点",
            "compensation": "优先改期，下次免费",
        }
        plan = str((await self._operator.post("/v1/scenarios/emergency-plans", body))["id"])
        approved = await self._official.post(f"/v1/scenarios/emergency-plans/{plan}/approval", None)
        self.told.row("预案 plan", f"由 {approved['published_by']} 起草、{approved['approved_by']} 批准 by two persons")
        return plan

    def _tell(self, situation: dict[str, Any]) -> None:
        for change in situation["changes"]:
            self.told.row(
                f"预约 booking …{change['booking_id'][-6:]}", f"{change['change']} · {change['compensation']}"
            )
        for task in situation["tasks"]:
            self.told.row(f"任务 task · {task['kind']}", f"{task['subject'][-8:]} × {task['quantity']}")

    async def _expect(self, bookings: list[str], state: str, halls: list[str]) -> None:
        for booking, hall in zip(bookings, halls[:2], strict=True):
            seen = await self._resident.get(f"/v1/scenarios/bookings/{booking}")
            self._promise((seen["state"], seen["space_id"]) == (state, hall), f"a booking that is {state} in its place")

    def _promise(self, held: object, what: str) -> None:
        if not held:
            raise BrokenPromiseError(f"there is not {what}")


def _diff(situation: dict[str, Any]) -> list[tuple[Any, ...]]:
    changes = [(c["booking_id"], c["change"], c["to_space_id"]) for c in situation["changes"]]
    return sorted(changes, key=str) + sorted((t["kind"], t["subject"], t["quantity"]) for t in situation["tasks"])
