"""The official masking rules, by the guideline's own examples."""

import json

import pytest
import structlog

from shared.logging import configure
from shared.masking import MASKS, scrub

ID, MOBILE = "11010519491231002X", "13712349050"


@pytest.mark.parametrize(
    ("rule", "text", "masked"),
    [
        ("id-number", "533123199001011239", "5****************9"),
        ("name", "周大友", "*大友"),
        ("mobile", MOBILE, "137****9050"),
        ("landline", "0571-87654321", "0571*****4321"),
        ("landline", "057187654321", "0571****4321"),
        ("landline", "01087654321", "010****4321"),
        ("landline", "87654321", "****4321"),
        ("email", "consult@163.com", "con***@163.com"),
        ("email", "tt@163.com", "tt***@163.com"),
        ("bank-card", "6222021234567890123", "622202*********0123"),
        ("other", "E12345678", "E12***678"),
        ("other", "ab", "**"),
        ("mobile", "110", "1*0"),
        ("email", "not one", "no***ne"),
        ("name", "", "*"),
    ],
)
def test_each_kind_is_masked_as_the_rules_show(rule: str, text: str, masked: str) -> None:
    assert MASKS[rule](text) == masked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"电话{MOBILE}。", "电话137****9050。"),
        ("+86 137-1234-9050", "+86 137-****-9050"),
        ("137 1234 9050", "137 **** 9050"),
        (f"身份证{ID}", "身份证1****************X"),
        (f'{{"a":"{ID.lower()}"}}', '{"a":"1****************x"}'),
    ],
)
def test_numbers_of_persons_are_masked_wherever_they_stand_in_a_text(text: str, left: str) -> None:
    assert scrub(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "330102001051",
        "91350100M000100Y43",
        "1795349540168",
        "0.13712349050",
        "0199d0f0-7a3c-7bb1-9137-137123490501",
        "110105194913310020",
        "12345678901",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.proves("G9")
def test_a_log_line_masks_what_should_not_be_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure("test", "INFO")
    structlog.get_logger().info(f"call {MOBILE}", told=[{"id": ID}], count=13712349050)
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["told"], line["count"]) == (
        "call 137****9050",
        [{"id": "1****************X"}],
        13712349050,
    )
