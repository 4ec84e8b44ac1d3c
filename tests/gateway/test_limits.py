"""GCRA: exact over a simulated clock."""

import pytest

from gateway.limits import APPLICATION_LIMITS, PERSON_LIMITS, Limit, Limiter, decide
from tests.gateway.knock import Door, Upstream


@pytest.mark.parametrize("limit", [*PERSON_LIMITS.values(), *APPLICATION_LIMITS.values(), Limit("odd", 0.7, 3)])
@pytest.mark.parametrize("asked_per_allowed", [1.5, 10.0])
def test_what_is_admitted_is_the_rate_plus_one_burst_within_one_percent(limit: Limit, asked_per_allowed: float) -> None:
    limiter, admitted = Limiter(), 0
    step_s, lasts_s = 1 / (limit.per_s * asked_per_allowed), max(1000, 10 * limit.burst) / limit.per_s
    for call in range(int(lasts_s / step_s)):
        admitted += limiter.take(("one",), limit, 1e6 + call * step_s).admitted
    assert admitted == pytest.approx(limit.per_s * lasts_s + limit.burst, rel=0.01)


def test_a_caller_below_its_rate_is_never_refused() -> None:
    limiter, limit = Limiter(), Limit("x", 5, 1)
    assert all(limiter.take(("one",), limit, call * 0.2000001).admitted for call in range(10_000))


def test_a_refusal_says_when_to_come_back_and_does_not_count() -> None:
    limit, tat = Limit("x", 2, 2), 0.0
    for _ in range(2):
        tat = decide(tat, 10.0, limit).tat
    refused = decide(tat, 10.0, limit)
    assert (refused.admitted, refused.retry_after_s, refused.reset_s, refused.tat) == (False, 0.5, 1.0, tat)
    assert decide(tat, 10.5, limit).admitted


def test_callers_and_classes_have_their_own_allowance() -> None:
    limiter, limit = Limiter(), Limit("x", 1, 1)
    assert limiter.take(("one",), limit, 0).admitted
    assert not limiter.take(("one",), limit, 0).admitted
    assert limiter.take(("two",), limit, 0).admitted
    assert limiter.take(("one",), Limit("y", 1, 1), 0).admitted


def test_the_store_is_bounded_and_forgets_who_has_been_away_longest() -> None:
    limiter, limit = Limiter(callers_max=10), Limit("x", 1, 1)
    for caller in range(100):
        limiter.take((str(caller),), limit, 0)
    assert len(limiter._tats) == 10
    assert not limiter.take(("99",), limit, 0).admitted


async def test_a_caller_over_its_limit_gets_a_429_that_says_when_to_come_back(
    door: Door, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PERSON_LIMITS, "read", Limit("read", 0.1, 2))
    answers = [await door.http.get("/v1/points/accounts/me", headers=door.bearer()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"].split(";t=")[0] for answer in answers] == [f'"read";r={n}' for n in (1, 0, 0)]
    refused = answers[-1]
    assert refused.headers["ratelimit-policy"] == '"read";q=2;w=20'
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert refused.json()["retry_after_s"] == int(refused.headers["retry-after"])
    assert len(upstream.seen) == 2
