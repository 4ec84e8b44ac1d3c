"""Bad input to each service itself, as from a gateway that lets everything through."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.bad_input import BOUNDED, EVERY_ROLE, attempt
from tests.gateway.knock import served
from tests.ground import StartApi
from tests.shape.tree import SERVICES


@pytest.mark.proves("R13")
@pytest.mark.parametrize("service", SERVICES)
async def test_no_input_that_schemathesis_makes_breaks_what_a_service_says_of_itself(
    service: str, start_api: StartApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shared.identity.LIFETIME_S", 3600)  # one token for the whole run
    client = await start_api(service)
    async with served(import_module(f"services.{service}.main").create_app()) as url:
        tried = await attempt(url, client.headers(EVERY_ROLE), tmp_path, *BOUNDED)
    assert tried.code == 0, tried.said[-20_000:]
