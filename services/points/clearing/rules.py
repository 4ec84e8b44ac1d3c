"""Netting: who pays whom at the end of a window, and what a window may do next.

A window goes open → closed → computed → confirmed → settled, or is aborted on the way; what an aborted one held goes
into the next that is computed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

HOUSE = "clearing-house"
"""The other side of every payment when a window is settled multilaterally."""


class Method(StrEnum):
    """How a window's debts are paid.

    Bilateral: each pair pays its difference. Compressed: what runs in a circle is cancelled first, so that nobody pays
    more than before, and nobody whom it did not owe. Multilateral: each community pays the clearing house its net
    debt, or gets its net claim from it.
    """

    BILATERAL = "bilateral"
    COMPRESSED = "compressed"
    MULTILATERAL = "multilateral"


class WindowState(StrEnum):
    """How far a window has come."""

    OPEN = "open"
    CLOSED = "closed"
    COMPUTED = "computed"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, order=True)
class Payment:
    """Points that one community owes another, or pays."""

    debtor: str
    creditor: str
    points: int


@dataclass(kw_only=True, eq=False)
class WindowUnknown(Unseen):
    """There is no such window."""

    type = "window-unknown"
    title = "没有该清算窗口"
    title_en = "Netting window unknown"
    detail = "没有第 {number} 号清算窗口。"
    detail_en = "There is no netting window {number}."

    number: int


@dataclass(kw_only=True, eq=False)
class WindowNotReady(Conflict):
    """The window is not in the state from which this can be done."""

    type = "window-not-ready"
    title = "清算窗口当前状态不允许此操作"
    title_en = "Netting window not ready"
    detail = "第 {number} 号窗口处于 {state} 状态，此操作需要 {needed} 状态。"
    detail_en = "Window {number} is {state}; this takes a window that is {needed}."

    number: int
    state: str
    needed: str


@dataclass(kw_only=True, eq=False)
class WindowOpenAlready(Conflict):
    """A window of this area, of one within it or around it, is open."""

    type = "window-open-already"
    title = "已有开放的清算窗口"
    title_en = "A netting window is open"
    detail = "第 {number} 号窗口（区域 {area}）尚未关闭，请先关闭。"
    detail_en = "Window {number} of area {area} is open; close it first."

    number: int
    area: str


@dataclass(kw_only=True, eq=False)
class EarlierWindowPending(Conflict):
    """A window that shares communities and was closed before is not computed: what it holds must not count twice."""

    type = "earlier-window-pending"
    title = "之前的窗口尚未计算"
    title_en = "An earlier window is pending"
    detail = "第 {number} 号窗口先关闭，请先计算或中止它。"
    detail_en = "Window {number} was closed before; compute or abort it first."

    number: int


@dataclass(kw_only=True, eq=False)
class NoPartInWindow(Inadmissible):
    """The community neither pays nor gets anything in the window."""

    type = "no-part-in-window"
    title = "该社区不在此窗口内"
    title_en = "No part in this window"
    detail = "{community_code} 在第 {number} 号窗口中没有应付或应收，无需确认。"
    detail_en = "{community_code} owes nothing and is owed nothing in window {number}; there is nothing to confirm."

    number: int
    community_code: str


@dataclass(kw_only=True, eq=False)
class SamePersonSettles(Forbidden):
    """Who computed a window does not settle it (maker and checker)."""

    type = "same-person-settles"
    title = "计算人与结算人不得相同"
    title_en = "Same person computes and settles"
    detail = "第 {number} 号窗口由您计算，须由另一人结算。"
    detail_en = "You computed window {number}; another person must settle it."

    number: int


def only_in(number: int, state: str, *needed: WindowState) -> None:
    """Refuse unless a window is in one of the states.

    Raises:
        WindowNotReady: It is in another.
    """
    if state not in needed:
        raise WindowNotReady(number=number, state=state, needed="、".join(needed))


def payments(method: Method, debts: Iterable[Payment]) -> list[Payment]:
    """Return who pays whom, in a fixed order, so that the same debts always give the same payments.

    Args:
        method: How they are paid.
        debts: What each pair's difference is, at most one for a pair.
    """
    if method is Method.BILATERAL:
        return sorted(debts)
    if method is Method.COMPRESSED:
        return compress(debts)
    nets = net_debts(debts)
    return sorted(
        Payment(code, HOUSE, points) if points > 0 else Payment(HOUSE, code, -points)
        for code, points in nets.items()
        if points
    )


def net_debts(debts: Iterable[Payment]) -> dict[str, int]:
    """Return what each community owes over all (negative: is owed), in points; they sum to 0."""
    nets: defaultdict[str, int] = defaultdict(int)
    for debt in debts:
        nets[debt.debtor] += debt.points
        nets[debt.creditor] -= debt.points
    return dict(nets)


def compress(debts: Iterable[Payment]) -> list[Payment]:
    """Cancel what runs in a circle; no circle is left, and every community's net debt is as before.

    Walks along debts in the order of codes; where the walk comes back to a community that it has passed, the circle's
    least debt is taken off each of its debts. A community from which no debt leads on is done with. Each debt is
    looked at a bounded number of times: for n communities and m debts, at most n × m steps.
    """
    owed: dict[str, dict[str, int]] = defaultdict(dict)
    for debt in sorted(debts):
        owed[debt.debtor][debt.creditor] = debt.points
    done: set[str] = set()
    for start in sorted(owed):
        path = [] if start in done else [start]
        while path:
            following = next((creditor for creditor in owed.get(path[-1], ()) if creditor not in done), None)
            if following is None:
                done.add(path.pop())
            elif following in path:
                circle = path[path.index(following) :]
                _cancel(owed, circle)
                del path[path.index(following) + 1 :]
            else:
                path.append(following)
    return sorted(
        Payment(debtor, creditor, points) for debtor, each in owed.items() for creditor, points in each.items()
    )


def _cancel(owed: Mapping[str, dict[str, int]], circle: list[str]) -> None:
    steps = list(zip(circle, [*circle[1:], circle[0]], strict=True))
    least = min(owed[debtor][creditor] for debtor, creditor in steps)
    for debtor, creditor in steps:
        owed[debtor][creditor] -= least
        if not owed[debtor][creditor]:
            del owed[debtor][creditor]
