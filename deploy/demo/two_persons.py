"""What takes two persons: one proposes it for 清波门社区, and another accepts it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from deploy.demo import forms
from deploy.demo.callers import Caller
from deploy.demo.forms import QINGBO
from deploy.demo.waiting import once_known
from shared.clock import CHINA

PROPOSALS = "/v1/points/proposals"


async def agree(cast: Mapping[str, Caller], content: object) -> None:
    """Propose something as one official, as soon as the community is known, and accept it as another."""
    proposed = await once_known(partial(cast["shangcheng-official"].post, PROPOSALS, content))
    await cast["shangcheng-reviewer"].post(f"{PROPOSALS}/{proposed['id']}/decision", {"accept": True})


async def allow(cast: Mapping[str, Caller], *rules: dict[str, Any]) -> None:
    """Give the community a budget for this year, and those of the rules whose activity has none yet."""
    await agree(cast, forms.budget(QINGBO, datetime.now(CHINA).year))
    known = await cast["shangcheng-reviewer"].get("/v1/points/earning-rules", community_code=QINGBO)
    for rule in rules:
        if rule["activity"] not in {each["activity"] for each in known}:
            await agree(cast, rule)
