"""How long a service works on a request."""

import pytest
from starlette.datastructures import Headers

from shared.service import DEADLINE_DEFAULT_S, DEADLINE_MAX_S, deadline_s


@pytest.mark.parametrize(
    ("asked", "given_s"),
    [
        ("2500", 2.5),
        ("60000", 60.0),
        ("900000000", DEADLINE_MAX_S),
        *((nonsense, DEADLINE_DEFAULT_S) for nonsense in ("", "soon", "nan", "inf", "-5", "0")),
    ],
)
def test_a_request_lasts_as_long_as_the_gateway_gives_it_up_to_a_bound(asked: str, given_s: float) -> None:
    assert deadline_s(Headers({"linli-deadline-ms": asked})) == given_s


def test_a_request_without_a_deadline_lasts_as_long_as_any_other() -> None:
    assert deadline_s(Headers()) == DEADLINE_DEFAULT_S
