"""When a request cannot be made or decided, and when an erasure is done."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from shared.errors import Conflict, Forbidden, Unseen

Kind = Literal["erasure", "correction"]
Verdict = Literal["accepted", "declined"]
ERASING = frozenset({"points", "scenarios", "operations"})
"""The services that hold something of residents, and answer."""


@dataclass(kw_only=True, eq=False)
class RequestUnseen(Unseen):
    """There is no such request, or it is another's."""

    type = "privacy-request-unseen"
    title = "没有此个人信息请求"
    title_en = "No such request"
    detail = "没有编号为 {request_id} 的个人信息请求，或您无权查看。"
    detail_en = "There is no request {request_id}, or it is not yours to see."

    request_id: str


@dataclass(kw_only=True, eq=False)
class ErasureWaiting(Conflict):
    """The resident is being erased already."""

    type = "erasure-waiting"
    title = "注销正在办理"
    title_en = "Erasure is under way"
    detail = "该居民已有一项注销请求正在办理，无需重复提交。"
    detail_en = "An erasure of this resident is under way already; there is no need to ask again."


@dataclass(kw_only=True, eq=False)
class RequestDecided(Conflict):
    """It takes no decision, or has one."""

    type = "privacy-request-decided"
    title = "该请求无需或已经处理"
    title_en = "Nothing to decide"
    detail = "该请求已有处理结果，或由本人提出、无需他人处理。"
    detail_en = "This request was decided before, or is the resident's own and takes no decision."


@dataclass(kw_only=True, eq=False)
class OwnRequest(Forbidden):
    """Who asked for it decides on it."""

    type = "privacy-request-own"
    title = "须由另一人处理"
    title_en = "Another person decides"
    detail = "提出请求的账号不能自己处理，请由另一名工作人员处理。"
    detail_en = "Who asked does not decide; let another member of staff do it."


def takes_decision(kind: str, given_by: str, resident: str) -> bool:
    """Tell whether staff decide: an erasure that a resident asks for by itself is nobody's to weigh (PIPL art. 47)."""
    return kind == "correction" or given_by != resident


def check_decision(*, decides: bool, decided: bool, given_by: str, by: str) -> None:
    """Refuse a decision that is not to be made, or not by them.

    Raises:
        RequestDecided: It takes none, or has one.
        OwnRequest: They asked.
    """
    if not decides or decided:
        raise RequestDecided
    if given_by == by:
        raise OwnRequest


def is_erased_everywhere(erased_in: Collection[str]) -> bool:
    """Tell whether all services have answered, so that the gateway itself may forget whom they erased."""
    return set(erased_in) >= ERASING
