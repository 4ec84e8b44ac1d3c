"""Periods without drift, parts of periods, retention, abatement, and the match of contract, delivery and invoice."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.errors import Conflict, Unseen

WHOLE_BP = 10_000


@dataclass(kw_only=True, eq=False)
class LineUnseen(Unseen):
    """The contract has no such fee, or the fee no such period."""

    type = "billing-period-unseen"
    title = "未找到计费期"
    title_en = "No such period"
    detail = "合同没有第 {line_no} 条费用的第 {seq} 期，或尚未到期。请核对条目与期次。"
    detail_en = "The contract has no fee {line_no} with a period {seq}, or it has not ended. Check both numbers."

    line_no: int
    seq: int


@dataclass(kw_only=True, eq=False)
class AlreadyRecorded(Conflict):
    """The delivery or the settlement of a period is on record."""

    type = "billing-already-recorded"
    title = "该期已登记"
    title_en = "Already recorded"
    detail = "第 {line_no} 条费用第 {seq} 期的{what}已登记，不得重复。"
    detail_en = "The {what} of period {seq} of fee {line_no} is on record."

    what: str
    line_no: int
    seq: int


@dataclass(kw_only=True, eq=False)
class NotMatched(Conflict):
    """Contract, delivery and invoice do not agree."""

    type = "billing-not-matched"
    title = "合同、交付与发票不符"
    title_en = "Contract, delivery and invoice differ"
    detail = "按合同应付 {due_fen} 分，按交付应付 {delivered_fen} 分，发票 {invoiced_fen} 分。请更正发票或交付记录。"
    detail_en = "Due by contract {due_fen} fen, by delivery {delivered_fen}, invoiced {invoiced_fen}. Correct one."

    due_fen: int
    delivered_fen: int | None
    invoiced_fen: int


@dataclass(kw_only=True, eq=False)
class KpiUndecided(Conflict):
    """A KPI of the period is not final, or has no data: what is taken off is not known."""

    type = "billing-kpi-undecided"
    title = "考核结果未定"
    title_en = "KPI undecided"
    detail = "指标 {code} 在 {month} 的结果尚在异议期或没有数据，不能结算。无数据不等于达标。"
    detail_en = "The KPI {code} of {month} can still be disputed or has no data. No data is not fulfilment."

    code: str
    month: str


@dataclass(kw_only=True, eq=False)
class RetentionNotDue(Conflict):
    """What was kept back is released after the end."""

    type = "billing-retention-not-due"
    title = "质保金未到期"
    title_en = "Retention not due"
    detail = "质保金在合同期满（{ends_on}）后一次释放，或已释放。"
    detail_en = "What was kept back is released once, after the contract ends on {ends_on}."

    ends_on: str


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a fee, first and last day, and how many days the whole period has that it is a part of."""

    seq: int
    first: date
    last: date
    whole_days: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def month_after(anchor: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month if it has no such day.

    It is always counted from the anchor, never from the result before: from 31 January come 28 February and 31 March.
    """
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def periods(starts_on: date, ends_on: date, every_months: int) -> list[Period]:
    """Return the periods of a term; they follow each other without a gap, and the last may be a part."""
    found: list[Period] = []
    first = starts_on
    while first <= ends_on:
        after = month_after(starts_on, (len(found) + 1) * every_months)
        last = min(after - timedelta(days=1), ends_on)
        found.append(Period(len(found) + 1, first, last, (after - first).days))
        first = after
    return found


def due_fen(amount_fen: int, period: Period) -> int:
    """Return what a period costs: the whole amount, or by the day for a part, rounded half up to the fen."""
    return share_fen(amount_fen, period.days, period.whole_days)


def share_fen(amount_fen: int, part: int, whole: int) -> int:
    """Return a part of an amount, rounded half up to the fen."""
    return (2 * amount_fen * part + whole) // (2 * whole)


def months_of(period: Period) -> list[date]:
    """Return the months that end in a period, by their first day: whose KPIs its fee answers for."""
    found, month = [], period.first.replace(day=1)
    while month_after(month, 1) - timedelta(days=1) <= period.last:
        found.append(month)
        month = month_after(month, 1)
    return found


@dataclass(frozen=True, slots=True)
class Payment:
    """What becomes of a delivered period: in fen, `delivered = abated + retained + payable`."""

    delivered: int
    abated: int
    retained: int
    payable: int


def payment(delivered_fen: int, deductions_bp: Sequence[int], retention_bp: int) -> Payment:
    """Return what is paid for a delivered period.

    The deductions are of its months, each a share of the month's part of the fee; all together take no more than the
    fee. What is left is kept back by the retention until the end.
    """
    share = sum(deductions_bp)
    months = max(len(deductions_bp), 1)
    abated = min(share_fen(delivered_fen, share, WHOLE_BP * months), delivered_fen)
    retained = share_fen(delivered_fen - abated, retention_bp, WHOLE_BP)
    return Payment(delivered_fen, abated, retained, delivered_fen - abated - retained)


def check_match(due: int, delivered: int | None, invoiced: int) -> None:
    """Refuse an invoice that is not over what was delivered, of what the contract says is due.

    Raises:
        NotMatched: It is not, or nothing was delivered.
    """
    if delivered is None or delivered > due or invoiced != delivered:
        raise NotMatched(due_fen=due, delivered_fen=delivered, invoiced_fen=invoiced)
