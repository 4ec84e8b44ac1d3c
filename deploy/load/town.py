"""What a crowd needs to live on: merchants next door, a rule by which a bin's deeds earn, a corridor."""

import random
from collections.abc import Mapping
from functools import partial

from deploy.demo import forms
from deploy.demo.callers import Caller
from deploy.demo.forms import DONGJIANG, QINGBO
from deploy.demo.two_persons import allow
from deploy.demo.waiting import once_known

ACTIVITY = "recycling"
POINTS_PER_DEED = 200
DISCOUNT_BP = 1000


async def lay_out(cast: Mapping[str, Caller], merchants: int) -> list[str]:
    """Register both communities, agree on a corridor, publish the rule, and list merchants; returns their ids."""
    shangcheng, yuyao = cast["shangcheng-official"], cast["yuyao-official"]
    for official, code in ((shangcheng, QINGBO), (yuyao, DONGJIANG)):
        await official.try_post("/v1/operations/communities", {"code": code})  # or it is registered already
    rule = {**forms.rule(ACTIVITY, "service", POINTS_PER_DEED, 1), "points_max_per_deed": POINTS_PER_DEED}
    await allow(cast, rule)
    corridor = {"from_community": QINGBO, "to_community": DONGJIANG}
    proposal = {**corridor, "discount_bp": DISCOUNT_BP}
    proposed = await once_known(partial(shangcheng.post, "/v1/points/corridors", proposal))
    await yuyao.post("/v1/points/corridors/agreements", {**corridor, "version": proposed["version"]})
    dice, listed = random.Random(), []  # noqa: S311 - made-up merchants
    for number in range(merchants):
        provider = forms.provider("merchant", f"东江便利店 {number}", dice)
        listed.append((await yuyao.post("/v1/operations/providers", provider))["id"])
    for merchant_id in listed:
        await once_known(partial(yuyao.get, f"/v1/points/merchants/{merchant_id}"))
    return listed
