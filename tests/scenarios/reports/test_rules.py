"""What leaves the platform of a report, how long it waits between two tries, and what a city's answers mean."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.scenarios.reports.rules import (
    Away,
    Numbered,
    Refused,
    ReportElsewhere,
    Standing,
    failure_in,
    form_of,
    found_in,
    mark_of,
    numbered_in,
    pause_after,
    require_open,
    standing_in,
    without_personal,
)

REPORT = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("电话13800001234，路灯不亮", "电话***，路灯不亮"),
        ("电话 138-0000-1234 或 +86 13800001234", "电话 *** 或 ***"),
        ("身份证11010519491231002X", "身份证***"),
        ("座机0571-87654321；邮箱 wang.da_you@mail.example.cn", "座机***；邮箱 ***"),
        ("3幢2单元1201室门前，灯杆编号 20240012", "3幢2单元1201室门前，灯杆编号 20240012"),
    ],
)
def test_numbers_of_persons_stay_here_and_those_of_houses_and_lamps_go(text: str, sent: str) -> None:
    assert without_personal(text) == sent


def test_a_request_says_what_and_where_and_under_which_number_and_nothing_else() -> None:
    place = "3幢北侧，电话13800001234"
    form = form_of(REPORT, "东江社区", place, "路灯不亮", service_code="042", api_key="k", jurisdiction=None)
    assert form == {
        "service_code": "042",
        "api_key": "k",
        "address_string": "东江社区 3幢北侧，电话***",
        "description": f"路灯不亮 {mark_of(REPORT)}",
    }


def test_pauses_double_from_a_minute_to_a_day() -> None:
    minute = timedelta(minutes=1)
    assert [pause_after(tries) for tries in (0, 1, 2, 10)] == [minute, 2 * minute, 4 * minute, 1024 * minute]
    assert pause_after(11) == pause_after(10_000) == timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (200, [], None),
        (201, [], None),
        (503, None, Away("HTTP 503")),
        (429, None, Away("HTTP 429")),
        (408, None, Away("HTTP 408")),
        (403, [{"code": 403, "description": "bad key"}], Refused("bad key")),
        (400, [{"description": "a"}, {"description": "b"}, "c", {}], Refused("a；b")),
        (404, {"detail": "not a list"}, Refused("HTTP 404")),
    ],
)
def test_what_would_fail_again_is_refused_and_what_may_pass_is_tried_again(
    status: int,
    body: Any,  # noqa: ANN401 - JSON
    failure: Refused | Away | None,
) -> None:
    assert failure_in(status, body) == failure


UNREADABLE: tuple[Any, ...] = (
    *(None, {}, [], ["x"], [{}], "text"),
    *([{"service_request_id": ""}], [{"service_request_id": "\0"}]),
    *([{"status": ["open"]}], [{"status": {}}], [{"status": "\ud800"}]),
)


@pytest.mark.parametrize("body", UNREADABLE)
def test_an_answer_that_cannot_be_read_is_no_answer(body: Any) -> None:  # noqa: ANN401 - JSON
    assert isinstance(numbered_in(body), Away)
    assert isinstance(standing_in(body), Away)
    assert found_in(body, REPORT) is None


def test_numbers_tokens_and_standings_are_read() -> None:
    assert numbered_in([{"service_request_id": 293944}]) == Numbered("293944", None)
    assert numbered_in([{"token": "12345"}]) == Numbered(None, "12345")
    assert standing_in([{"status": "open"}]) == Standing(is_closed=False, notes=None)
    assert standing_in([{"status": "closed", "status_notes": "已修复"}]) == Standing(is_closed=True, notes="已修复")
    requests = [
        {"service_request_id": "1", "description": "x"},
        {"service_request_id": "2", "description": "路灯 [邻里报事"},
    ]
    assert found_in(requests, REPORT) is None
    assert found_in([*requests, {"service_request_id": "3", "description": mark_of(REPORT)}], REPORT) == Numbered(
        "3", None
    )


def test_staff_have_in_hand_what_is_open_or_was_refused() -> None:
    require_open("open", None)
    require_open("handed-over", "refused")
    for state, hand_over in (
        ("handed-over", "queued"),
        ("handed-over", "sent"),
        ("closed", None),
        ("closed", "closed"),
    ):
        with pytest.raises(ReportElsewhere):
            require_open(state, hand_over)
