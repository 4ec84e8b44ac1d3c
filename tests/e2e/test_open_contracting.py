"""What the story concludes is open data that the standard's own reviewer finds no fault with."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.demo.__main__ import tell
from deploy.demo.callers import callers
from tests.operations.disclosures.ocds import assert_sound
from tests.platform import RunningPlatform


@pytest.mark.proves("O20")
async def test_the_contracts_of_the_story_pass(platform: RunningPlatform, tmp_path: Path) -> None:
    await tell(platform.url, platform.sandbox, lambda _: None)
    async with httpx.AsyncClient(base_url=platform.url, timeout=15) as http:
        resident = callers(http, platform.sandbox)["dongjiang-resident"]
        package: dict[str, Any] = await resident.get("/v1/operations/open-contracting/330281/contracts")
    assert_sound(package, tmp_path)
