"""What points are never for (guideline 4): no part of the API description offers it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.shape.apps import app_of

MONEY = re.compile(
    r"sale|sell|(buy|purchase) points|top.?up|recharge|cash|withdraw|payout|cny|rmb|yuan|fen(?!ce)|currency"
    r"|售卖|出售|购买积分|充值|提现|套现|兑现|人民币|现金|价格（元）",
    re.IGNORECASE,
)
STRANGER = re.compile(r"recipient|beneficiary|payee|(to|other|target)_resident|转赠|转账|赠送", re.IGNORECASE)


def _said(part: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield what an API description says: paths, names of fields, titles and texts."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield name
            yield from _said(value)
    elif isinstance(part, list):
        for value in part:
            yield from _said(value)
    elif isinstance(part, str):
        yield part


@pytest.mark.proves("P45")
def test_points_are_never_sold_cashed_out_priced_in_money_or_given_to_strangers() -> None:
    description = app_of("points").openapi()
    said = list(_said(description))
    assert not [words for words in said if MONEY.search(words)]
    assert not [words for words in said if STRANGER.search(words)]
    writes = [operation for path in description["paths"].values() for verb, operation in path.items() if verb != "get"]
    for operation in writes:
        body = json.dumps(operation.get("requestBody", {}))
        names = set(re.findall(r"schemas/(\w+)", body))  # a union names each of its parts twice
        schemas = [description["components"]["schemas"][name] for name in names]
        residents = [field for schema in schemas for field in schema.get("properties", {}) if "resident" in field]
        assert len(residents) <= 1, f"{operation['summary']} moves something between residents"
