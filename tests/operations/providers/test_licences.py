"""Providers and their licences: who may be given work."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.operations.providers.admit_award import Award, admit_award
from services.operations.providers.register import register
from services.operations.providers.rules import Kind, LicenceKind, LicenceMissing, ProviderNotListed
from shared.clock import local_day
from shared.database import Database
from tests.ground import ServiceClient
from tests.operations.ground import (
    DONGJIANG,
    MERCHANT_CODE,
    NOW,
    OPERATOR_CODE,
    OTHER_MERCHANT_CODE,
    YUYAO_OFFICIAL,
    application,
    register_over_http,
    take_part,
    terms,
)


def licence(kind: LicenceKind, until: str | None) -> dict[str, object]:
    return {
        "kind": kind,
        "number": "JY13302810012345",
        "issued_by": "余姚市市场监督管理局",
        "valid_from": "2024-01-01",
        "valid_until": until,
    }


def proposal(provider_id: str) -> dict[str, object]:
    return {"community_code": DONGJIANG, "terms": terms(uuid.UUID(provider_id)).model_dump(mode="json")}


@pytest.mark.proves("O2")
async def test_checked_codes_three_kinds_and_an_expired_licence_that_blocks_the_award(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    today = local_day(datetime.now(UTC))
    yesterday, in_a_year = ((today + timedelta(days=days)).isoformat() for days in (-1, 365))
    kinds: list[tuple[Kind, str]] = [
        ("operator", OPERATOR_CODE),
        ("merchant", MERCHANT_CODE),
        ("space_operator", OTHER_MERCHANT_CODE),
    ]
    for kind, code in kinds:
        broken = code[:17] + ("0" if code[17] != "0" else "1")
        body = {"community_code": DONGJIANG, "kind": kind, "name": "东江", "basis": "遴选", "authority": "余姚市民政局"}
        refused = await api.post("/providers", YUYAO_OFFICIAL, {**body, "social_credit_code": broken})
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "social-credit-code-invalid")
        provider_id = await register_over_http(api, code, kind=kind)
        path = f"/providers/{provider_id}"
        assert (await api.get(path, YUYAO_OFFICIAL)).json()["kind"] == kind
        assert (await api.post(f"{path}/licences", YUYAO_OFFICIAL, licence("food", yesterday))).status_code == 201
        blocked = await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))
        assert (blocked.status_code, blocked.json()["type"].rpartition("/")[2]) == (409, "licence-expired")
        assert (blocked.json()["kind"], blocked.json()["valid_until"]) == ("food", yesterday)
        await api.post(f"{path}/licences", YUYAO_OFFICIAL, licence("food", in_a_year))
        await api.post(f"{path}/licences", YUYAO_OFFICIAL, licence("business", None))
        assert (await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))).status_code == 201
        held = (await api.get(path, YUYAO_OFFICIAL)).json()["licences"]
        assert {(one["kind"], one["valid_until"]) for one in held} == {("food", in_a_year), ("business", None)}


async def test_work_that_takes_a_licence_goes_to_who_has_it(database: Database) -> None:
    await take_part(database, DONGJIANG)
    async with database.transaction() as session:
        provider_id = await register(session, application(OPERATOR_CODE, "operator"))
        award = Award(provider_ids=(provider_id,), community_code=DONGJIANG, now=NOW, licences=("elderly_care",))
        with pytest.raises(LicenceMissing):
            await admit_award(session, award)


async def test_a_candidate_gets_no_award(api: ServiceClient) -> None:
    provider_id = await register_over_http(api, state="candidate")
    refused = await api.post("/contracts", YUYAO_OFFICIAL, proposal(provider_id))
    assert refused.json()["type"].rpartition("/")[2] == ProviderNotListed.type


async def test_a_licence_that_ends_before_it_starts_is_refused(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    answer = await api.post(f"/providers/{provider_id}/licences", YUYAO_OFFICIAL, licence("food", "2023-12-31"))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "term-invalid")
