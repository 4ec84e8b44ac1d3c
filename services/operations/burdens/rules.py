"""Who may put work on a community: only whom a permit lets, within its term and as often as it says."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.errors import Conflict, Forbidden, Inadmissible, Unseen
from shared.fields import covers

Kind = Literal["report", "inspection", "plaque", "application", "certificate", "meeting", "other"]
Verdict = Literal["granted", "refused"]
Turned = Literal["not_permitted", "not_decided", "refused", "elsewhere", "out_of_term", "used_up"]
"""Why a demand is turned away."""


@dataclass(kw_only=True, eq=False)
class PermitUnseen(Unseen):
    """There is no such permit."""

    type = "entry-permit-unseen"
    title = "未找到该准入事项"
    title_en = "No such entry permit"
    detail = "未找到社区工作准入 {permit_id}。请核对编号。"
    detail_en = "There is no entry permit {permit_id}. Check its id."

    permit_id: str


@dataclass(kw_only=True, eq=False)
class PermitDecided(Conflict):
    """The application was decided before."""

    type = "entry-permit-decided"
    title = "准入申请已有决定"
    title_en = "Decided already"
    detail = "准入申请 {permit_id} 已有决定。如需变更请重新申请。"
    detail_en = "The application {permit_id} is decided. Apply anew to change it."

    permit_id: str


@dataclass(kw_only=True, eq=False)
class OwnPermit(Forbidden):
    """Who applied does not decide."""

    type = "entry-permit-own"
    title = "不得审批自己的准入申请"
    title_en = "No decision on one's own application"
    detail = "申请人不能审批自己的准入申请。请由他人审批。"
    detail_en = "Who applied cannot decide on it. Let somebody else."


@dataclass(kw_only=True, eq=False)
class PermitTermInvalid(Inadmissible):
    """The permit would end before it starts, or last too long."""

    type = "entry-permit-term-invalid"
    title = "准入期限有误"
    title_en = "Invalid term"
    detail = "准入期限须先后有序，且不超过一年：每年重新准入。"
    detail_en = "A permit ends after it starts and lasts a year at most: each year it is asked for anew."


@dataclass(frozen=True, slots=True)
class Permit:
    """What a permit says: where, from which day to which, how often a year in each community, and the decision."""

    area: str
    starts_on: date
    ends_on: date
    cases_per_year: int
    verdict: Verdict | None


def check_term(starts_on: date, ends_on: date) -> None:
    """Refuse a term that is none, or longer than a year.

    Raises:
        PermitTermInvalid: It is.
    """
    if not starts_on <= ends_on <= starts_on.replace(year=starts_on.year + 1, day=min(starts_on.day, 28)):
        raise PermitTermInvalid


def turned_away(permit: Permit | None, community_code: str, day: date, admitted: int) -> Turned | None:
    """Return why a demand is turned away, or None when it is to be admitted.

    Args:
        permit: The permit that it names, if any.
        community_code: Which community it is made of.
        day: When.
        admitted: How often the permit has been used in this community this year.
    """
    if permit is None:
        return "not_permitted"
    if permit.verdict != "granted":
        return "refused" if permit.verdict else "not_decided"
    if not covers(permit.area, community_code):
        return "elsewhere"
    if not permit.starts_on <= day <= permit.ends_on:
        return "out_of_term"
    return "used_up" if admitted >= permit.cases_per_year else None
