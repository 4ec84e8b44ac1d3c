"""The workloads of the ledger: W1 to W7, as postings in process and as deeds through HTTP."""

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from benchmarks.ledger_ground import DONGJIANG, QINGBO, RESIDENTS
from services.points.ledger.rules import (
    AccountName,
    AssetClass,
    NewLot,
    Posting,
    PostTransfer,
    TransferKind,
    clearing,
    hold_of,
    merchant,
    resident,
)

EXPIRES = date(2099, 12, 31)
MERCHANTS = [uuid.UUID(int=n, version=4) for n in range(20_001, 21_001)]
POOR = uuid.UUID(int=99_999, version=4)


def transfer(code: str, reference: str, *amounts: tuple[AccountName, int], lot: NewLot | None = None) -> PostTransfer:
    """Describe a transfer of service points."""
    kind = TransferKind.EARN if lot else TransferKind.REDEEM
    return PostTransfer(code, AssetClass.SERVICE, kind, reference, amounts, lot)


def paying(resident_id: uuid.UUID, merchant_id: uuid.UUID) -> Posting:
    """Describe a payment of one point, two legs."""
    legs = (resident(resident_id), -1), (merchant(merchant_id), 1)
    return [transfer(QINGBO, uuid.uuid4().hex, *legs)]


def exchanging(resident_id: uuid.UUID, merchant_id: uuid.UUID) -> Posting:
    """Describe a payment in another community: two linked transfers, four legs."""
    reference = uuid.uuid4().hex
    return [
        transfer(QINGBO, reference, (resident(resident_id), -1), (clearing(DONGJIANG), 1)),
        transfer(DONGJIANG, reference, (clearing(QINGBO), -1), (merchant(merchant_id), 1)),
    ]


def uniform() -> Posting:
    """W1: any of 10,000 residents pays any of 1,000 merchants."""
    return paying(random.choice(RESIDENTS), random.choice(MERCHANTS))  # noqa: S311 - a load


def hot() -> Posting:
    """W2: all pay one merchant."""
    return paying(random.choice(RESIDENTS), MERCHANTS[0])  # noqa: S311


def ten() -> Posting:
    """W3: ten residents pay ten merchants."""
    return paying(random.choice(RESIDENTS[:10]), random.choice(MERCHANTS[:10]))  # noqa: S311


def capture() -> Posting:
    """W4: any resident's point is held, and captured by any merchant."""
    payer, reference = resident(random.choice(RESIDENTS)), uuid.uuid4().hex  # noqa: S311
    held = hold_of((QINGBO, AssetClass.SERVICE, payer), reference, 1, datetime.now(UTC) + timedelta(hours=1))
    paid = transfer(QINGBO, reference, (payer, -1), (merchant(random.choice(MERCHANTS)), 1))  # noqa: S311
    return [held, replace(paid, hold=reference)]


def exchange() -> Posting:
    """W5: any resident pays in another community."""
    return exchanging(random.choice(RESIDENTS), random.choice(MERCHANTS))  # noqa: S311


def refused() -> Posting:
    """W7: of five, one has nothing to pay with."""
    return paying(POOR if random.random() < 0.2 else random.choice(RESIDENTS), random.choice(MERCHANTS))  # noqa: S311, PLR2004


WORKLOADS: Mapping[str, Callable[[], Posting]] = {
    "W1 uniform": uniform,
    "W2 hot": hot,
    "W3 ten": ten,
    "W4 hold and capture": capture,
    "W5 exchange": exchange,
    "W6 10% replays": uniform,
    "W7 20% refused": refused,
}


def deed(workload: str) -> dict[str, object]:
    """Describe a deed: W2 is one resident's, a fifth of W7 has no rule."""
    unruled = "refused" in workload and random.random() < 0.2  # noqa: S311, PLR2004
    people = RESIDENTS[: 1 if "hot" in workload else 10 if "ten" in workload else None]
    return {
        "community_code": QINGBO,
        "activity": "juggling" if unruled else "volunteering",
        "reference": uuid.uuid4().hex,
        "resident_id": str(random.choice(people)),  # noqa: S311
        "quantity": 1,
        "occurred_at": datetime.now(UTC).isoformat(),
        "evidence": {"bin": "B-7"},
    }
