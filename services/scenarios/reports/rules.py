"""What may become of a report, what of it leaves the platform, and what a city's answer means (Open311 GeoReport v2).

GeoReport knows no idempotency key. So each request carries the report's number in its description, and who does not
know whether a request arrived looks for that number before sending it again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from shared.errors import Conflict, Unseen

Kind = Literal["lighting", "road", "waste", "water", "green", "noise", "facility", "other"]
ReportState = Literal["open", "handed-over", "closed"]
HandOverState = Literal["queued", "sent", "refused", "closed"]

FOLLOW_EVERY = timedelta(hours=1)
PAUSE, PAUSE_MAX = timedelta(minutes=1), timedelta(days=1)
_TOO_MANY, _TIMED_OUT, _FAILED = 429, 408, 500
# An identity number, a telephone number with or without its area code, an address of mail: what may stand in a text.
_PERSONAL = re.compile(
    r"(?<!\d)(\d{17}[\dXx]|(\+?86[- ]?)?1[3-9]\d([- ]?\d{4}){2}|0\d{2,3}-?\d{7,8})(?!\d)|[\w.+-]+@[\w-]+\.[\w.]+"
)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(kw_only=True, eq=False)
class ReportUnseen(Unseen):
    """There is no such report, or the caller may not see it."""

    type = "report-unseen"
    title = "没有这条报事"
    title_en = "No such report"
    detail = "没有编号为 {report_id} 的报事，或您无权查看。"
    detail_en = "There is no report {report_id}, or you may not see it."

    report_id: str


@dataclass(kw_only=True, eq=False)
class ReportElsewhere(Conflict):
    """The report does not stand where this step follows."""

    type = "report-elsewhere"
    title = "报事状态不允许此操作"
    title_en = "The report allows no such step"
    detail = "报事当前为 {state}，不能执行此操作；已移交的由承办部门办结，被退回的可重新移交或自行办结。"
    detail_en = (
        "The report is {state}, which does not allow this. What was handed over is closed by the city; what was"
        " refused there can be handed over again, or closed here."
    )

    state: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """The city took the request: its number there, or a token for which it gives the number later."""

    request_id: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands at the city."""

    is_closed: bool
    notes: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The city refuses the request; asking again would not help."""

    reason: str


@dataclass(frozen=True, slots=True)
class Away:
    """The city does not answer, or not in a way that can be read; it is asked again."""

    reason: str


Outcome = Numbered | Standing | Refused | Away


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be asked of a city about one report; `tries` counts those that had no answer, without this one."""

    community_code: str
    report_id: UUID
    community: str
    kind: Kind
    place: str
    text: str
    handed_at: datetime
    tries: int
    token: str | None
    request_id: str | None


def require_open(state: str, hand_over: str | None) -> None:
    """Refuse unless staff have the report in hand: open, or refused by the city.

    Raises:
        ReportElsewhere: It is at the city, or closed.
    """
    if state != "open" and (state, hand_over) != ("handed-over", "refused"):
        raise ReportElsewhere(state=state)


def without_personal(text: str) -> str:
    """Return a text without the identity numbers, telephone numbers and addresses of mail that stand in it."""
    return _PERSONAL.sub("***", text)


def mark_of(report_id: UUID) -> str:
    """Return what a request's description ends with, by which it is found again."""
    return f"[邻里报事 {report_id}]"


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries without an answer: a minute, twice that each time, at most a day."""
    return min(PAUSE * (1 << min(tries, 20)), PAUSE_MAX)


def form_of(
    report_id: UUID, community: str, place: str, text: str, *, service_code: str, api_key: str, jurisdiction: str | None
) -> dict[str, str]:
    """Return the form of a GeoReport request: what it is, where it is, and no word of who reported it.

    The text was cleaned when it was handed over; the place comes as the resident wrote it, and is cleaned here.
    """
    form = {
        "service_code": service_code,
        "api_key": api_key,
        "address_string": f"{community} {without_personal(place)}",
        "description": f"{text} {mark_of(report_id)}",
    }
    return form | ({"jurisdiction_id": jurisdiction} if jurisdiction else {})


def failure_in(status: int, body: Any) -> Refused | Away | None:  # noqa: ANN401 - JSON of a stranger
    """Return what is wrong with an answer, if anything: refused for good, or to be tried again."""
    if status >= _FAILED or status in {_TOO_MANY, _TIMED_OUT}:
        return Away(f"HTTP {status}")
    if status >= 400:  # noqa: PLR2004 - all of HTTP's refusals
        return Refused("；".join(_errors(body)) or f"HTTP {status}")
    return None


def numbered_in(body: Any) -> Numbered | Away:  # noqa: ANN401 - JSON of a stranger
    """Return the number or the token in the answer to a request, or to a token."""
    one = _first(body)
    request_id, token = _text(one.get("service_request_id")), _text(one.get("token"))
    return Numbered(request_id, token) if request_id or token else Away("无编号 / no number in the answer")


def standing_in(body: Any) -> Standing | Away:  # noqa: ANN401 - JSON of a stranger
    """Return how a request stands; GeoReport knows `open` and `closed`."""
    one = _first(body)
    status = _text(one.get("status"))
    if status not in {"open", "closed"}:
        return Away(f"状态不明 / unknown status {status}")
    return Standing(status == "closed", _text(one.get("status_notes")))


def found_in(body: Any, report_id: UUID) -> Numbered | None:  # noqa: ANN401 - JSON of a stranger
    """Return the number of the request that carries a report's mark, if one of a list does."""
    mark = mark_of(report_id)
    for one in body if isinstance(body, list) else []:
        if isinstance(one, dict) and mark in str(one.get("description")) and _text(one.get("service_request_id")):
            return Numbered(_text(one["service_request_id"]), None)
    return None


def window_of(handed_at: datetime, now: datetime) -> dict[str, str]:
    """Return between when a request must have been made, with room for clocks that differ."""
    room = timedelta(hours=1)
    return {"start_date": _w3c(handed_at - room), "end_date": _w3c(now + room)}


def _w3c(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _first(body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of a stranger
    return body[0] if isinstance(body, list) and body and isinstance(body[0], dict) else {}


def _errors(body: Any) -> Sequence[str]:  # noqa: ANN401 - JSON of a stranger
    found = body if isinstance(body, list) else []
    said = [_text(one.get("description")) for one in found if isinstance(one, dict)]
    return [one[:200] for one in said if one]


def _text(value: Any) -> str | None:  # noqa: ANN401 - JSON of a stranger
    """Return a stranger's value as text that the store can hold; none, if there is nothing in it."""
    text = str("" if value is None else value)[:1_000]
    return _UNSTORABLE.sub("", text) or None
