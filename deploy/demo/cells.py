"""Tell how a resident of one cell pays a merchant of another, over the gateways in LINLI_CELLS: `./linli demo`."""

import asyncio
import json
import os
import random
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from deploy.demo import forms
from deploy.demo.callers import Caller, UnexpectedAnswerError, callers
from deploy.demo.chapters import Chapters
from deploy.demo.forms import DONGJIANG, QINGBO
from deploy.demo.story import MOVING, PRICE, RESIDENT
from deploy.demo.two_persons import allow
from deploy.demo.waiting import BrokenPromiseError, once_known, until

CALL_TIMEOUT_S = 15.0
PAYER_CELL, MERCHANT_CELL = QINGBO[:6], DONGJIANG[:6]
OFFICIALS = {QINGBO: "shangcheng-official", DONGJIANG: "yuyao-official"}

Cast = Mapping[str, Caller]


async def tell(cells: Mapping[str, Cast], told: Chapters) -> None:
    """Tell it from what both cells agree on to what both books say.

    Raises:
        UnexpectedAnswerError: The platform answered otherwise than the story goes.
        BrokenPromiseError: A book does not hold, or something did not come in time.
    """
    told.begin("一、两个单元 Two cells")
    for cell, cast in cells.items():
        discount_bp = await _agree(cast)
        told.row(f"{cell} 互通约定 corridor agreed on", f"{QINGBO} → {DONGJIANG}，折扣 {discount_bp / 100:.0f}%")
    here, there = cells[PAYER_CELL], cells[MERCHANT_CELL]
    dealer = forms.provider("merchant", "东江便利店", random.Random())  # noqa: S311 - made up
    merchant_id = (await there["yuyao-official"].post("/v1/operations/providers", dealer))["id"]
    await once_known(partial(there["yuyao-official"].get, f"/v1/points/merchants/{merchant_id}"))
    told.begin("二、跨单元兑换 A purchase in the other cell")
    await _earn(here)
    wish = {"to_community": DONGJIANG, "merchant_id": merchant_id, "price": PRICE, "paid_max": 2 * PRICE}
    resident = here["qingbomen-resident-1"]
    crossing = await resident.post("/v1/points/crossings", wish)
    told.row("请求 requested", f"冻结 {crossing['paid']} 积分 held，对方决定 the other cell decides")
    path = f"/v1/points/crossings/{crossing['id']}"
    done = await until(lambda: resident.get(path), lambda seen: seen["state"] != "requested", "the decision")
    if done["state"] != "captured":
        raise BrokenPromiseError(f"the crossing was {done['state']}: {done['reason']}")
    told.row("对方接受 accepted", f"居民付 paid {done['paid']}，商户得 merchant gets {done['price']}")
    receivables = f"/v1/operations/merchants/{merchant_id}/receivables"
    official = there["yuyao-official"]
    owed = await until(lambda: official.get(receivables), lambda page: page["total_count"] == 1, "the receivable")
    told.row("对方单元的应收 receivable in the other cell", f"{owed['total_points']} 积分 points")
    told.begin("三、核验 What must always hold")
    for cell, cast in cells.items():
        book = await cast["shangcheng-official"].get("/v1/points/integrity")
        if not book["holds"]:
            raise BrokenPromiseError(f"the book of {cell} does not hold: {book['findings']}")
        told.row(f"{cell} 账本 book", "✓")


async def _agree(cast: Cast) -> int:
    """Register both communities in a cell and agree on the corridor there; returns its discount in basis points."""
    for code, official in OFFICIALS.items():
        await cast[official].try_post("/v1/operations/communities", {"code": code})  # or it is registered already
    pair = {"from_community": QINGBO, "to_community": DONGJIANG}
    payer, merchant = (cast[official] for official in OFFICIALS.values())
    terms = {**pair, "discount_bp": 1000, **MOVING}
    proposed = await once_known(partial(payer.post, "/v1/points/corridors", terms))
    await merchant.post("/v1/points/corridors/agreements", {**pair, "version": proposed["version"]})
    return int(proposed["discount_bp"])


async def _earn(cast: Cast) -> None:
    await allow(cast, forms.rule("recycling", "service", 200, 1))
    deed = {"community_code": QINGBO, "activity": "recycling", "reference": uuid.uuid4().hex, "quantity": 1}
    deed |= {"resident_id": str(RESIDENT), "occurred_at": datetime.now(UTC).isoformat()}
    await cast["smart-bins-330102"].post("/v1/points/deeds", {**deed, "evidence": {"device": "bin-0017"}})


async def open_and_tell(doors: Mapping[str, tuple[str, str]], write: Callable[[str], None] = print) -> None:
    """Tell it over cells' gateways, each with its address and the file of its sandbox."""
    async with AsyncExitStack() as opened:
        cells = {}
        for cell, (url, sandbox) in doors.items():
            http = await opened.enter_async_context(httpx.AsyncClient(base_url=url, timeout=CALL_TIMEOUT_S))
            cells[cell] = callers(http, json.loads(Path(sandbox).read_text(encoding="utf-8")))  # noqa: ASYNC240 - small
        await tell(cells, Chapters(write))


def main() -> int:
    """Tell it, and say how it went."""
    doors = json.loads(os.environ["LINLI_CELLS"])
    if missing := {PAYER_CELL, MERCHANT_CELL} - doors.keys():
        print(f"✗ 演示需要单元 {missing} · the story needs these cells", file=sys.stderr)
        return 1
    try:
        asyncio.run(open_and_tell(doors))
    except (UnexpectedAnswerError, BrokenPromiseError, httpx.HTTPError) as error:
        print(f"\n✗ 演示未完成 · the story broke off: {error!r}", file=sys.stderr)
        return 1
    print("\n✓ 全部成立 · all of it holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
