"""What the tests of operations speak of: real communities, made-up businesses, and events of the other services."""

import asyncio
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from gmssl_pyx import sm2_key_generate, sm2_sign
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.register import Registration
from services.operations.communities.register import register as register_community
from services.operations.contracts.propose import Proposal, propose
from services.operations.contracts.queries import versions
from services.operations.contracts.rules import signing_text
from services.operations.contracts.sign import Signing, sign
from services.operations.contracts.tables import Contract
from services.operations.listings.decide import NewDecision
from services.operations.providers.register import Application
from services.operations.providers.register import register as register_provider
from services.operations.providers.rules import Kind
from services.operations.terms.rules import TERMS, Terms
from shared.database import Database
from shared.events import Event
from shared.log import Message
from tests.ground import ServiceClient, identity

QINGBOMEN = "330102001051"
DONGJIANG = "330281002015"
JINFENG = "330281003012"
OPERATOR_CODE = "91330102MA2H00001L"
MERCHANT_CODE = "91330281MA2H00002A"
OTHER_MERCHANT_CODE = "91330281MA2H00003D"
OWNER_KEYS = sm2_key_generate()
PROVIDER_KEYS = sm2_key_generate()
"""Public and private, made for this run."""
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

SHANGCHENG_OFFICIAL = identity("staff:chen", ("official", "330102"))
YUYAO_OFFICIAL = identity("staff:wang", ("official", "330281"))
RESIDENT = identity("resident:0190aaaa-0000-7000-8000-000000000001", ("resident", DONGJIANG))


async def take_part(database: Database, *codes: str) -> None:
    """Register communities."""
    async with database.transaction() as session:
        for code in codes:
            await register_community(session, Registration(code, by="staff:chen", now=NOW))


async def enlist(database: Database, code: str, kind: Kind, community_code: str = DONGJIANG) -> uuid.UUID:
    """Put a business on the white list."""
    async with database.transaction() as session:
        return await register_provider(session, application(code, kind, community_code))


def application(code: str, kind: Kind = "merchant", community_code: str = DONGJIANG) -> Application:
    """Fill in what a provider is registered with."""
    return Application(
        community_code=community_code,
        kind=kind,
        name="东江便利店",
        social_credit_code=code,
        basis="营业执照核验",
        authority="余姚市市场监督管理局",
        by="staff:wang",
        now=NOW,
    )


def debarment(provider_id: uuid.UUID, **changes: Any) -> NewDecision:  # noqa: ANN401 - the command's own fields
    """Fill in what a provider is debarred with."""
    facts = {"basis": "虚开积分", "authority": "余姚市民政局", "effective_at": NOW, "by": "staff:wang", "now": NOW}
    return NewDecision(provider_id=provider_id, state="debarred", **{**facts, **changes})


def terms(provider_id: uuid.UUID, **changes: Any) -> Terms:  # noqa: ANN401 - the terms' own fields
    """Fill in a contract for the year of NOW: 100,000 yuan a month, and bookings of 100 a month."""
    facts = {
        "title": "东江社区邻里中心运营合同",
        "scene": "service",
        "parties": [{"key": OWNER_KEYS[0].hex()}, {"provider_id": provider_id, "key": PROVIDER_KEYS[0].hex()}],
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "lines": [{"kind": "fee", "no": 1, "description": "运营服务费", "amount_fen": 10_000_000, "every_months": 1}],
        "kpis": [{"code": "bookings", "name": "空间预约", "formula": "bookings", "target": 100}],
    }
    return Terms.model_validate({**facts, **changes})


def signature(text_to_sign: str, keys: tuple[bytes, bytes]) -> str:
    """Sign as a party does, with its own SM2 key."""
    public, private = keys
    signed: bytes = sm2_sign(private, public, text_to_sign.encode())
    return signed.hex()


async def sign_all(session: AsyncSession, contract: Contract, now: datetime = NOW) -> str | None:
    """Have all parties sign the newest version; returns the seal."""
    version = (await versions(session, contract))[-1]
    agreed = TERMS.validate_python(version.terms)
    to_sign = signing_text(contract.id, version.version, version.valid_from, agreed)
    seal = None
    for party in agreed.parties:
        by = signature(to_sign, PROVIDER_KEYS if party.provider_id else OWNER_KEYS)
        seal = await sign(session, contract, Signing(version.version, party.name, by, by="staff:wang", now=now))
    return seal


async def conclude(database: Database, agreed: Terms, community_code: str = DONGJIANG, now: datetime = NOW) -> Contract:
    """Draw up a contract and have it signed."""
    async with database.transaction() as session:
        contract = await propose(session, Proposal(community_code, agreed, by="staff:wang", now=now))
        await sign_all(session, contract, now)
        return contract


def provider_body(code: str, **changes: object) -> dict[str, object]:
    """Fill in the body that registers a provider."""
    return {
        "community_code": DONGJIANG,
        "kind": "merchant",
        "name": "东江便利店",
        "social_credit_code": code,
        "basis": "营业执照核验",
        "authority": "余姚市市场监督管理局",
        **changes,
    }


def message(event: Event) -> Message:
    """Put an event as the log does."""
    return _message(str(uuid.uuid4()), event.type, event.key, event.model_dump(mode="json"))


def _message(event_id: str, kind: str, key: str, data: object) -> Message:
    topic = kind.partition(".")[0]
    source = f"https://linli.example/{topic}"
    cloud_event = {"specversion": "1.0", "id": event_id, "source": source, "type": kind, "data": data}
    return Message(topic, key, json.dumps(cloud_event).encode(), (1, 1))


async def told(session: AsyncSession) -> list[Message]:
    """Return what has been published, in order, as the log hands it to the other services."""
    rows = await session.execute(text("SELECT event_id, type, key, data FROM outbox ORDER BY id"))
    return [_message(str(row.event_id), row.type, row.key, row.data) for row in rows]


async def published(session: AsyncSession) -> list[dict[str, Any]]:
    """Return what has been published, in order, each with its type."""
    rows = await session.execute(text("SELECT type, data FROM outbox ORDER BY id"))
    return [{"type": row.type, **row.data} for row in rows]


async def register_over_http(api: ServiceClient, code: str = MERCHANT_CODE, **changes: object) -> str:
    """Register 东江 and a provider there; returns the provider's id."""
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    answer = await api.post("/providers", YUYAO_OFFICIAL, provider_body(code, **changes))
    assert answer.status_code == 201, answer.text
    provider_id: str = answer.json()["id"]
    return provider_id


async def waits_or_ends(database: Database, task: asyncio.Task[Any]) -> None:
    """Return when the task waits for a lock of another transaction, or has ended."""
    waiting = text("""
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'""")
    while not task.done():
        async with database.autocommit() as connection:
            if (await connection.execute(waiting)).scalar_one():
                return
        await asyncio.sleep(0.01)


async def conclude_over_http(api: ServiceClient, provider_id: str, **changes: object) -> str:
    """Draw up a contract and have it signed by both; returns its id."""
    agreed = terms(uuid.UUID(provider_id), **changes).model_dump(mode="json")
    drawn = await api.post("/contracts", YUYAO_OFFICIAL, {"community_code": DONGJIANG, "terms": agreed})
    assert drawn.status_code == 201, drawn.text
    contract_id: str = drawn.json()["id"]
    await sign_over_http(api, drawn.json(), provider_id)
    return contract_id


async def sign_over_http(api: ServiceClient, drawn: dict[str, Any], provider_id: str) -> dict[str, Any]:
    """Have both parties sign the newest version; returns the contract."""
    newest = drawn["versions"][-1]
    for party, keys in (("community", OWNER_KEYS), (provider_id, PROVIDER_KEYS)):
        by = signature(newest["signing_text"], keys)
        body = {"version": newest["version"], "party": party, "signature": by}
        answer = await api.post(f"/contracts/{drawn['id']}/signatures", YUYAO_OFFICIAL, body)
        assert answer.status_code == 201, answer.text
    contract: dict[str, Any] = answer.json()
    return contract
