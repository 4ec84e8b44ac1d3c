"""Anomalies over HTTP: a labelled set of records, by the ways in which they come."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.operations.anomalies.rules import Presence
from services.operations.worker import HANDLERS
from shared.database import Database
from shared.events.scenarios import AttendanceCompleted
from shared.inbox import Inbox
from tests.ground import ServiceClient, identity
from tests.operations.anomalies.test_rules import FALSE_MAX, RECALL_MIN, labelled_scores
from tests.operations.ground import (
    DONGJIANG,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    conclude_over_http,
    message,
    register_over_http,
)

AUDITOR = identity("staff:he", ("auditor", "3302"))
FEE = {"kind": "fee", "no": 1, "description": "运营服务费", "amount_fen": 1_000_000, "every_months": 1}


def present(one: Presence) -> AttendanceCompleted:
    return AttendanceCompleted(
        community_code=DONGJIANG,
        attendance_id=uuid.uuid5(uuid.NAMESPACE_URL, one.id),
        activity_id=one.activity,
        activity_kind="volunteering",
        resident_id=one.resident,
        resident_community_code=DONGJIANG,
        checked_in_at=one.came_at,
        checked_out_at=one.left_at,
        minutes=1,
    )


async def found(api: ServiceClient) -> dict[str, list[set[str]]]:
    kinds: dict[str, list[set[str]]] = {"duplicate_invoice": [], "split_purchase": [], "ghost_attendance": []}
    for finding in (await api.get("/anomalies", AUDITOR, area="330281", since="2025-01-01")).json():
        kinds[finding["kind"]].append(set(finding["records"]))
    return kinds


@pytest.mark.proves("O22")
async def test_on_the_labelled_set_anomalies_are_found_and_they_show_for_what_was_bought_settled_and_attended(
    api: ServiceClient,
) -> None:
    for recall, false in labelled_scores():
        assert recall >= RECALL_MIN
        assert false <= FALSE_MAX
    provider_id = await register_over_http(api)
    contract = f"/contracts/{await conclude_over_http(api, provider_id, lines=[FEE], kpis=[], starts_on='2025-01-01')}"
    delivery = {"line_no": 1, "seq": 1, "delivered_bp": 10_000, "evidence": "验收单"}
    await api.post(f"{contract}/deliveries", YUYAO_OFFICIAL, delivery)
    invoice = {"line_no": 1, "seq": 1, "number": "03300260001", "amount_fen": 1_000_000}
    assert (await api.post(f"{contract}/settlements", YUYAO_OFFICIAL, invoice)).status_code == 201
    bought = []
    for number, fen in (("0330-0260001", 12_000_000), ("03300260777", 12_000_000)):
        purchase = {
            "community_code": DONGJIANG,
            "provider_id": provider_id,
            "category": "装修",
            "amount_fen": fen,
            "invoice_number": number,
            "bought_on": "2026-11-02",
        }
        bought.append((await api.post("/purchases", YUYAO_OFFICIAL, purchase)).json()["id"])
    came = datetime(2026, 11, 1, 1, tzinfo=UTC)
    ghost = uuid.uuid4()
    spans = [(came, came + timedelta(hours=2)), (came + timedelta(hours=1), came + timedelta(hours=3))]
    two_places = [Presence(f"p{n}", uuid.uuid4(), ghost, *span) for n, span in enumerate(spans)]
    database = Database(api.database.app, name="test")
    await Inbox("operations", database, HANDLERS).take([message(present(one)) for one in two_places])
    await database.close()
    shown = await found(api)
    assert shown["duplicate_invoice"] == [{f"{contract.rpartition('/')[2]}/1/1", bought[0]}]
    assert shown["split_purchase"] == [set(bought)]
    assert shown["ghost_attendance"] == [{str(uuid.uuid5(uuid.NAMESPACE_URL, one.id)) for one in two_places}]


async def test_who_may_record_and_who_may_look(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    purchase = {
        "community_code": DONGJIANG,
        "provider_id": provider_id,
        "category": "装修",
        "amount_fen": 1,
        "invoice_number": "1",
        "bought_on": "2026-11-02",
    }
    for who in (SHANGCHENG_OFFICIAL, RESIDENT, AUDITOR):
        assert (await api.post("/purchases", who, purchase)).status_code == 403
    stranger = {**purchase, "provider_id": str(uuid.uuid4())}
    assert (await api.post("/purchases", YUYAO_OFFICIAL, stranger)).status_code == 404
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.get("/anomalies", who, area="330281", since="2025-01-01")).status_code == 403
