"""The desk acts for residents without a phone: with consent, within its limits, and with a receipt in large print."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import pytest
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.pdfgen.canvas import Canvas

from services.points.assistance.rules import (
    ACTS_MAX_PER_RESIDENT_AND_DAY,
    POINTS_MAX_PER_ACT,
    POINTS_MAX_PER_RESIDENT_AND_DAY,
)
from shared.database import Database
from shared.identity import Identity
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import (
    CHECKER,
    DONGJIANG,
    OFFICIAL,
    QINGBO,
    allow,
    broken,
    freeze,
    grant,
    kind,
    open_corridor,
    take_part,
)

DESK = identity("staff:li", ("desk", QINGBO))
OTHER_DESK = identity("staff:he", ("desk", DONGJIANG))
ELDER, CHILD_ID = uuid.uuid4(), uuid.uuid4()
HERSELF = identity(f"resident:{ELDER}", ("resident", QINGBO))
CHILD = identity(f"resident:{CHILD_ID}", ("resident", QINGBO))
STRANGER = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
SHOP, FAR_SHOP = uuid.uuid4(), uuid.uuid4()
CONSENT = {"form": "signed", "reference": "代办-2026-0017"}
PAY = {"kind": "pay", "merchant_id": str(SHOP), "price": 10, "paid_max": 10}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """Two communities with a corridor at 10 %, a shop in each, and an elder with 5,000 points and ten hours."""
    client = await start_api("points")
    await take_part(client, QINGBO, DONGJIANG, shops={SHOP: QINGBO, FAR_SHOP: DONGJIANG})
    database = Database(client.database.app, name="test")
    async with database.transaction() as session:
        await allow(session, QINGBO)
        await grant(session, ELDER, 5000)
        await grant(session, ELDER, 40, asset_class="hours")
    await database.close()
    await open_corridor(client)
    return client


def body(asked: dict[str, Any], **facts: object) -> dict[str, Any]:
    told = {"resident_id": str(ELDER), "community_code": QINGBO, "channel": "desk", "consent": CONSENT}
    return {**told, "asked": asked, **facts}


async def act(api: ServiceClient, asked: dict[str, Any], by: Identity = DESK, **facts: object) -> Any:  # noqa: ANN401
    return await api.post("/assisted-acts", by, body(asked, **facts))


async def done(api: ServiceClient, asked: dict[str, Any], **facts: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = await act(api, asked, **facts)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def held(api: ServiceClient, who: Identity = HERSELF) -> dict[str, int]:
    account = (await api.get("/accounts/me", who)).json()
    return {each["asset_class"]: each["balance"] for each in account["held"]}


@pytest.mark.proves("P39")
async def test_the_desk_gives_every_command_of_a_resident_with_consent_limits_and_a_receipt(
    api: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Spend, here and across communities; every way to agree is on record.
    paid = await done(api, PAY)
    assert (paid["points"], paid["left"], paid["given_by"], paid["consent"]) == (10, 4990, "staff:li", CONSENT)
    assert (await api.get(f"/redemptions/{paid['reference']}", HERSELF)).json()["price"] == 10
    far = {"kind": "pay", "merchant_id": str(FAR_SHOP), "price": 90, "paid_max": 100}
    across = await done(api, far, channel="phone", consent={"form": "recorded", "reference": "电话录音 7"})
    assert (across["points"], across["left"]) == (100, 4890)
    assert kind(await act(api, {**far, "paid_max": 99})) == (409, "costs-more")
    await _a_family(api)
    # Hours become points by the community's rule.
    rule = {"community_code": QINGBO, "per_quarters": 4, "points": 10, "quarters_max_per_month": 40}
    await api.post("/hours/conversion-rules", OFFICIAL, rule)
    await api.post("/hours/conversion-rules/agreements", CHECKER, {"community_code": QINGBO, "version": 1})
    converted = await done(api, {"kind": "convert", "quarters": 8}, channel="visit")
    assert (converted["points"], (await held(api))["hours"]) == (0, 28)
    # Another cell is asked as the resident would ask it.
    beyond = {"kind": "cross", "to_community": DONGJIANG, "merchant_id": str(FAR_SHOP), "price": 9, "paid_max": 10}
    assert kind(await act(api, beyond)) == (422, "same-cell")
    await _an_appeal(api)
    await _without_consent_or_right(api)
    await _within_limits(api)
    await _a_receipt(api, paid["id"], monkeypatch)
    mine = (await api.get("/assisted-acts", HERSELF)).json()
    assert len(mine) == ACTS_MAX_PER_RESIDENT_AND_DAY
    assert len((await api.get("/assisted-acts", DESK, community_code=QINGBO)).json()) == len(mine)
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True


async def _a_family(api: ServiceClient) -> None:
    invited = await done(api, {"kind": "invite", "relation": "child"}, channel="paper")
    assert (await api.post("/family/consents", CHILD, {"code": invited["code"]})).status_code == 201
    seen = {"document": "户口簿"}
    await api.post(f"/family/bonds/{invited['reference']}/attestation", DESK, seen)
    shared = await done(api, {"kind": "share", "bond_id": invited["reference"], "points": 60})
    assert (shared["points"], (await held(api, CHILD))["service"]) == (60, 60)
    heir = {"kind": "name_heir", "bond_id": invited["reference"]}
    gift = {"kind": "give_hours", "quarters": 4, "bond_id": invited["reference"]}
    assert [(await done(api, one))["points"] for one in (heir, gift)] == [0, 0]
    assert (await held(api, CHILD))["hours"] == 4
    assert (await done(api, {"kind": "end_bond", "bond_id": invited["reference"]}))["points"] == 0
    again = {"kind": "share", "bond_id": invited["reference"], "points": 1}
    assert kind(await act(api, again)) == (409, "family-bond-step-refused")


async def _an_appeal(api: ServiceClient) -> None:
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await freeze(session, HERSELF.subject)
    await database.close()
    [frozen] = (await api.get("/freezes", HERSELF)).json()
    assert kind(await act(api, PAY))[1] == "frozen"
    said = await done(api, {"kind": "appeal", "freeze_id": frozen["id"], "appeal": "这些是我自己买的"})
    assert "appeal" not in said["asked"]
    decided = await api.post(f"/freezes/{frozen['id']}/decision", CHECKER, {"lift": True, "remark": "已核实"})
    assert decided.json()["appeal"] == "这些是我自己买的"


async def _without_consent_or_right(api: ServiceClient) -> None:
    assert kind(await act(api, PAY, consent=None)) == (422, "consent-missing")
    assert (await act(api, PAY, by=OTHER_DESK)).status_code == 403
    assert (await act(api, PAY, by=HERSELF)).status_code == 403
    assert (await act(api, PAY, channel="app")).status_code == 422
    clerk_herself = identity(HERSELF.subject, ("resident", QINGBO), ("desk", QINGBO))
    assert kind(await act(api, PAY, by=clerk_herself)) == (422, "channel-not-allowed")


async def _within_limits(api: ServiceClient) -> None:
    """By now nine acts and 170 points were done for the elder."""
    much = {**PAY, "price": POINTS_MAX_PER_ACT + 1, "paid_max": POINTS_MAX_PER_ACT + 1}
    assert kind(await act(api, much)) == (409, "assisted-limit-reached")
    await done(api, {**PAY, "price": POINTS_MAX_PER_ACT, "paid_max": POINTS_MAX_PER_ACT})
    left = POINTS_MAX_PER_RESIDENT_AND_DAY - POINTS_MAX_PER_ACT - 170
    refused = await act(api, {**PAY, "price": left + 1, "paid_max": left + 1})
    assert (kind(refused)[1], refused.json()["left"]) == ("assisted-limit-reached", left)
    spent = (await held(api))["service"]
    assert kind(await act(api, {"kind": "end_bond", "bond_id": str(uuid.uuid4())})) == (404, "family-bond-unseen")
    await done(api, {**PAY, "price": left - 1, "paid_max": left})
    await done(api, {**PAY, "price": 1, "paid_max": 1})
    assert (await held(api))["service"] == spent - left
    assert kind(await act(api, {"kind": "invite", "relation": "spouse"}))[1] == "assisted-limit-reached"


async def _a_receipt(api: ServiceClient, act_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, float]] = []
    codes: set[str] = set()

    class Watched(Canvas):
        def drawString(self, x: float, y: float, text: str, *more: Any, **named: Any) -> None:  # noqa: ANN401, N802
            drawn.append((text, vars(self)["_fontsize"]))
            super().drawString(x, y, text, *more, **named)

    class Coded(QrCodeWidget):
        def __init__(self, value: str, **named: Any) -> None:  # noqa: ANN401
            codes.add(value)
            super().__init__(value, **named)

    monkeypatch.setattr("shared.slip.Canvas", Watched)
    monkeypatch.setattr("shared.slip.QrCodeWidget", Coded)
    receipt = await api.get(f"/assisted-acts/{act_id}/receipt", DESK)
    assert (receipt.headers["content-type"], receipt.content[:5]) == ("application/pdf", b"%PDF-")
    assert receipt.content == (await api.get(f"/assisted-acts/{act_id}/receipt", HERSELF)).content
    written = " ".join(text for text, _ in drawn)
    for words in ("代办回执", "清波门社区", "积分支付", "支出积分 10", "办理后可用积分 4990", "签字", act_id[-8:]):
        assert words in written
    assert min(size for _, size in drawn) >= 18
    assert codes == {f"linli:assisted:{act_id}"}
    assert kind(await api.get(f"/assisted-acts/{act_id}/receipt", STRANGER)) == (404, "assisted-act-unknown")
    assert (await api.get("/assisted-acts", OTHER_DESK, community_code=QINGBO)).status_code == 403


async def test_32_clerks_at_once_never_pass_what_one_resident_may_be_helped_with(api: ServiceClient) -> None:
    clerks = [identity(f"staff:clerk-{number}", ("desk", QINGBO)) for number in range(32)]
    answers = await asyncio.gather(*(act(api, {**PAY, "price": 300, "paid_max": 300}, by=one) for one in clerks))
    counted = Counter(answer.status_code for answer in answers)
    fit = POINTS_MAX_PER_RESIDENT_AND_DAY // 300
    assert counted == {201: fit, 409: 32 - fit}
    assert (await held(api))["service"] == 5000 - 300 * fit
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        assert not await broken(session)
    await database.close()


async def test_an_erasure_empties_the_consent_and_the_record_stays(api: ServiceClient) -> None:
    paid = await done(api, PAY)
    erased = await api.post(f"/residents/{ELDER}/erasure", DESK)
    assert erased.status_code == 201, erased.text
    [left] = (await api.get("/assisted-acts", DESK, community_code=QINGBO)).json()
    assert (left["id"], left["consent"], left["points"]) == (paid["id"], {}, 10)
    assert (await api.get(f"/assisted-acts/{paid['id']}/receipt", DESK)).status_code == 200
