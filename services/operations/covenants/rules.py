"""What of the lists fits together, and when a covenant is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from shared.errors import Conflict, Inadmissible, Unseen

Kind = Literal["need", "resource", "project"]
Side = Literal["need", "resource"]
CovenantState = Literal["proposed", "in_force", "withdrawn"]
DISTRICT_DIGITS = 6


@dataclass(kw_only=True, eq=False)
class EntryUnseen(Unseen):
    """There is no such entry."""

    type = "list-entry-unseen"
    title = "清单中没有该条目"
    title_en = "No such entry"
    detail = "未找到清单条目 {entry_id}。请核对编号与社区。"
    detail_en = "There is no entry {entry_id}. Check its id and community."

    entry_id: str


@dataclass(kw_only=True, eq=False)
class CovenantUnseen(Unseen):
    """There is no such covenant."""

    type = "covenant-unseen"
    title = "未找到该共建契约"
    title_en = "No such covenant"
    detail = "未找到共建契约 {covenant_id}。请核对编号。"
    detail_en = "There is no covenant {covenant_id}. Check its id."

    covenant_id: str


@dataclass(kw_only=True, eq=False)
class EntriesDoNotFit(Inadmissible):
    """These entries do not fit together."""

    type = "list-entries-do-not-fit"
    title = "清单条目不匹配"
    title_en = "The entries do not fit"
    detail = "需求、资源、项目须为各自清单中类别与单位一致、日期有交集的条目：{why}。"
    detail_en = "A need, a resource and a project of one category, unit and common days are needed: {why}."

    why: str


@dataclass(kw_only=True, eq=False)
class NotEnoughLeft(Conflict):
    """So much is not open any more."""

    type = "list-entry-not-enough-left"
    title = "剩余数量不足"
    title_en = "Not enough left"
    detail = "条目 {entry_id} 仅剩 {left}，不足 {quantity}。"
    detail_en = "Of the entry {entry_id} {left} are left, and {quantity} are asked for."

    entry_id: str
    left: int
    quantity: int


@dataclass(kw_only=True, eq=False)
class SignatureRefused(Conflict):
    """The covenant takes no such signature."""

    type = "covenant-signature-refused"
    title = "契约不接受该签署"
    title_en = "The covenant takes no such signature"
    detail = "契约当前为 {state}；每方签署一次，且不得由同一人代双方签署。"
    detail_en = "The covenant is {state}; each side signs once, and nobody signs for both."

    state: str


class Entry(Protocol):
    """What a rule needs of an entry."""

    community_code: str
    kind: str
    category: str
    unit: str
    quantity: int
    promised: int
    first_day: date
    last_day: date


def why_not(need: Entry, resource: Entry) -> str | None:
    """Return why a need and a resource do not fit, or None if they do."""
    if (need.kind, resource.kind) != ("need", "resource"):
        return f"{need.kind}/{resource.kind}"
    if (need.category, need.unit) != (resource.category, resource.unit):
        return f"{need.category} {need.unit} / {resource.category} {resource.unit}"
    if max(need.first_day, resource.first_day) > min(need.last_day, resource.last_day):
        return f"{need.first_day}–{need.last_day} / {resource.first_day}–{resource.last_day}"
    return None


def check_fit(need: Entry, resource: Entry, project: Entry) -> None:
    """Refuse entries that do not fit together.

    Raises:
        EntriesDoNotFit: They do not, or the project is none or of another category.
    """
    why = why_not(need, resource)
    if why is None and (project.kind, project.category) != ("project", need.category):
        why = f"{project.kind} {project.category}"
    if why:
        raise EntriesDoNotFit(why=why)


def left_of(entry: Entry) -> int:
    """Return how much of an entry is still open."""
    return entry.quantity - entry.promised


def rank(need: Entry, resource: Entry) -> tuple[int, int, int]:
    """Return how well a resource serves a need, the best first: near, then enough, then little left over."""
    near = 3 - sum(need.community_code[:digits] == resource.community_code[:digits] for digits in (6, 9, 12))
    short = max(0, left_of(need) - left_of(resource))
    return near, short, max(0, left_of(resource) - left_of(need))


def check_signature(state: CovenantState, signed: Sequence[tuple[str, str]], side: Side, by: str) -> bool:
    """Refuse a signature that the covenant does not take; tell whether it is the last one.

    Raises:
        SignatureRefused: It is not proposed any more, this side has signed, or this hand has signed for the other.
    """
    if state != "proposed" or any(side == other or by == hand for other, hand in signed):
        raise SignatureRefused(state=state)
    return len(signed) == 1
