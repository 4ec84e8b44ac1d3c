"""The number of series does not grow with what callers think of: labels come from what the platform names itself."""

import secrets

import pytest

from gateway.routes import ROUTES
from tests.gateway.knock import Door, metrics
from tests.ground import StartApi

METHODS = {route.method for route in ROUTES} | {"other"}
TEMPLATES = {route.template for route in ROUTES} | {"unmatched"}


async def _invent(door: Door, calls: int) -> None:
    """Call with whatever a caller may think of."""
    for _ in range(calls):
        word = secrets.token_hex(4)
        bad = {"Authorization": f"Bearer {word}", "traceparent": word, "Linli-Area": word, "User-Agent": word}
        await door.http.get(f"/v1/{word}/{word}", headers=bad)
        await door.http.request(word.upper()[:6].translate(str.maketrans("0123456789", "GHIJKLMNOP")), "/v1/points/x")
        await door.http.get(f"/v1/points/redemptions/{word}?a={word}", headers=door.bearer())
        await door.http.get(f"/v1/points/redemptions/{word}", headers={"X-BG-HMAC-ACCESS-KEY": word, **bad})
        await door.http.get(f"/{word}", headers=bad)


def _series() -> set[str]:
    """Return the series there are, without their values."""
    return {line.rpartition(" ")[0] for line in metrics().splitlines() if line.startswith("linli_")}


@pytest.mark.proves("G20")
async def test_no_caller_makes_a_series(door: Door, start_api: StartApi) -> None:
    api = await start_api("points")
    await _invent(door, 3)
    await api.http.request("BREW", "/coffee")
    before = _series()
    await _invent(door, 20)
    for _ in range(20):
        word = secrets.token_hex(4)
        await api.http.request("BREW", f"/{word}")
        await api.http.get(f"/accounts/{word}")
    assert _series() == before
    gateways = [line for line in before if 'route="/v1' in line]
    assert {line.split('route="')[1].split('"')[0] for line in gateways} <= TEMPLATES
    assert {line.split('method="')[1].split('"')[0] for line in gateways} <= METHODS
    assert gateways


@pytest.mark.proves("G20")
async def test_callers_do_not_reach_the_metrics(door: Door) -> None:
    for path in ("/metrics", "/v1/points/metrics", "/v1/metrics"):
        assert (await door.http.get(path, headers=door.bearer())).status_code == 404
