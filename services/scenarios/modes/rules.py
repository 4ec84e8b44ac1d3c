"""What a function mode must be, and when two of them are in each other's way."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.scenarios.timetable.rules import BASE, Mode
from shared.errors import Conflict, Inadmissible, Unseen

DAY_MINUTES = 1440


@dataclass(kw_only=True, eq=False)
class ModeInadmissible(Inadmissible):
    """The mode contradicts itself."""

    type = "mode-inadmissible"
    title = "功能模式有误"
    title_en = "Mode is not admissible"
    detail = "须有适用日，结束晚于开始，含转换时间不超出当日零点至 24 点，功能不得为 base。"
    detail_en = (
        "It takes days, an end after its start, and a function other than base; with changing over it stays in its day."
    )


@dataclass(kw_only=True, eq=False)
class ModesClash(Conflict):
    """The space serves as something else at the same time, and the two do not go together."""

    type = "modes-clash"
    title = "功能模式冲突"
    title_en = "Modes clash"
    detail = "与功能“{function}”的时间（含转换时间）重叠，且双方均未允许叠加；请改时间，或在 compatible_with 中写明。"
    detail_en = (
        "It overlaps {function}, changing over included, and neither may be laid over the other. Change the hours, or"
        " name the other in compatible_with."
    )

    function: str


@dataclass(kw_only=True, eq=False)
class ModeUnseen(Unseen):
    """There is no such mode."""

    type = "mode-unseen"
    title = "没有这个功能模式"
    title_en = "No such mode"
    detail = "没有编号为 {mode_id} 的功能模式，请核对编号。"
    detail_en = "There is no function mode {mode_id}; check the id."

    mode_id: str


def check_mode(mode: Mode) -> None:
    """Refuse a mode that contradicts itself.

    Raises:
        ModeInadmissible: It has no days or no hours, leaves its day, or claims to be the space's own function.
    """
    opens, closes = mode.hours
    days = mode.weekdays or mode.on_holidays or mode.on_make_up_workdays
    inside = opens - mode.change_over_minutes >= 0 and closes + mode.change_over_minutes <= DAY_MINUTES
    if not (days and inside and opens < closes and mode.valid[0] <= mode.valid[1]) or mode.function == BASE:
        raise ModeInadmissible


def check_clashes(mode: Mode, others: Iterable[Mode]) -> None:
    """Refuse a mode that would be on together with one that it does not go with, on any day of any calendar.

    It is decided by the rules, not by dates: whichever days turn out to be holidays, the two never meet.

    Raises:
        ModesClash: It would.
    """
    for other in others:
        if _same_days(mode, other) and _meet(mode, other) and not _go_together(mode, other):
            raise ModesClash(function=other.function)


def _go_together(one: Mode, two: Mode) -> bool:
    return one.function != two.function and one.goes_with(two.function, two.compatible_with)


def _same_days(one: Mode, two: Mode) -> bool:
    if one.valid[1] < two.valid[0] or two.valid[1] < one.valid[0]:
        return False
    holidays = one.on_holidays and two.on_holidays
    return bool(one.weekdays & two.weekdays) or holidays or (one.on_make_up_workdays and two.on_make_up_workdays)


def _meet(one: Mode, two: Mode) -> bool:
    apart = 0 if one.function == two.function else max(one.change_over_minutes, two.change_over_minutes)
    return one.hours[0] < two.hours[1] + apart and two.hours[0] < one.hours[1] + apart
