"""The journal of a book, which hledger adds up by itself."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from services.points.ledger.rules import DISCOUNT, AssetClass, PostTransfer, TransferKind, clearing, merchant, resident
from services.points.proof.export_journal import export_journal
from shared.database import Database
from tests.hledger import hledger
from tests.points.book import DONGJIANG, QINGBO, grant, post_linked

pytestmark = pytest.mark.hledger
WHO, SHOP = uuid.uuid4(), uuid.uuid4()


async def journal_of(points: Database, community_code: str = QINGBO) -> bytes:
    async with points.transaction() as session:
        return b"".join([piece async for piece in export_journal(session, community_code)])


async def fill(points: Database) -> None:
    """Grant points of both classes, and spend some here and some elsewhere."""
    paid = [
        ((resident(WHO), -30), (merchant(SHOP), 30)),
        ((resident(WHO), -55), (clearing(DONGJIANG), 50), (DISCOUNT, 5)),
    ]
    async with points.transaction() as session:
        await grant(session, WHO, 100)
        await grant(session, WHO, 7, asset_class=AssetClass.BASIC)
        await post_linked(
            session,
            *(
                PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, f"; {n}\n{n}", p)
                for n, p in enumerate(paid)
            ),
        )


def balances(report: str) -> dict[str, dict[str, int]]:
    """Read hledger's balance report: account, commodity, amount."""
    rows, _ = json.loads(report)
    found: dict[str, dict[str, int]] = {}
    for name, _, _, amounts in rows:
        for amount in amounts:
            found.setdefault(name, {})[amount["acommodity"]] = _whole(amount["aquantity"])
    return found


def _whole(quantity: dict[str, Any]) -> int:
    assert quantity["decimalPlaces"] == 0
    return int(quantity["decimalMantissa"])


async def test_hledger_balances_the_journal_and_agrees_with_the_book(points: Database, tmp_path: Path) -> None:
    await fill(points)
    journal = await journal_of(points)
    checked = hledger(journal, tmp_path, "check", "ordereddates")
    assert checked.returncode == 0, checked.stderr
    report = hledger(journal, tmp_path, "balance", "--flat", "--output-format=json")
    assert balances(report.stdout) == {
        "issuer": {"service": -100, "basic": -7},
        f"resident:{WHO}": {"service": 15, "basic": 7},
        f"merchant:{SHOP}": {"service": 30},
        f"clearing:{DONGJIANG}": {"service": 50},
        "discount": {"service": 5},
    }


@pytest.mark.parametrize(
    ("sound", "wrong"),
    [(b" 30 service", b" 31 service"), (b"= 15 service", b"= 16 service"), (b"  -100 service", b"  -99 service")],
)
async def test_hledger_refuses_a_journal_in_which_a_number_was_changed(
    points: Database, tmp_path: Path, sound: bytes, wrong: bytes
) -> None:
    await fill(points)
    journal = await journal_of(points)
    assert sound in journal
    assert hledger(journal.replace(sound, wrong), tmp_path, "check").returncode != 0


async def test_an_empty_book_is_an_empty_journal(points: Database, tmp_path: Path) -> None:
    journal = await journal_of(points)
    assert hledger(journal, tmp_path, "check").returncode == 0
    assert all(line.startswith(b";") for line in journal.splitlines() if line)
