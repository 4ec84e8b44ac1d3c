"""Two cells side by side on one machine, and a purchase that crosses from one to the other."""

import pytest

from deploy.bare.platform_up import doors
from deploy.demo.cells import MERCHANT_CELL, PAYER_CELL, open_and_tell
from tests.platform import running_platform


@pytest.mark.nightly
@pytest.mark.parametrize("log", ["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def test_a_resident_of_one_cell_pays_a_merchant_of_another(log: str) -> None:
    async with running_platform(log, (PAYER_CELL, MERCHANT_CELL)) as running:
        lines: list[str] = []
        for _ in range(2):
            await open_and_tell(doors(running.places, running.options), lines.append)
    assert sum("对方接受" in line for line in lines) == 2
