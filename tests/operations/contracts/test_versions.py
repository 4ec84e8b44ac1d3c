"""Contracts through their versions: signed by all, amended, renewed, asked for as of a day and as known at a time."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.amend import Amendment, amend
from services.operations.contracts.change_state import StateChange, change_state
from services.operations.contracts.follow_debarment import BECAUSE_DEBARRED, Consequence, follow_debarment
from services.operations.contracts.propose import Proposal, propose
from services.operations.contracts.queries import at, sealed_versions, state_at
from services.operations.contracts.rules import (
    AmendmentsTooLarge,
    NothingToSign,
    RenewalUnsupported,
    SignatureInvalid,
    StepRefused,
    seal_of,
    signing_text,
)
from services.operations.contracts.sign import Signing, sign
from services.operations.contracts.tables import Contract, ContractSignature
from services.operations.listings.decide import decide
from services.operations.listings.rules import EVERYWHERE, Scope
from services.operations.providers.rules import ProviderIsDebarred
from services.operations.terms.rules import Terms
from shared.database import Database
from shared.formula import FormulaInvalid
from shared.inbox import Inbox
from tests.operations.ground import (
    DONGJIANG,
    NOW,
    OPERATOR_CODE,
    OWNER_KEYS,
    PROVIDER_KEYS,
    conclude,
    debarment,
    enlist,
    published,
    sign_all,
    signature,
    take_part,
    terms,
    told,
)

DAY = timedelta(days=1)
LINES = [
    {"kind": "fee", "no": 1, "description": "运营服务费", "amount_fen": 10_000_000, "every_months": 1},
    {"kind": "subsidy", "no": 2, "description": "建设补助", "amount_fen": 5_000_000},
    {"kind": "revenue_share", "no": 3, "description": "场地收益分成", "share_bp": 3_000, "guaranteed_fen": 100_000},
    {"kind": "deposit", "no": 4, "description": "履约保证金", "amount_fen": 1_000_000},
    {"kind": "price_cap", "no": 5, "description": "老年餐限价", "unit": "份", "cap_fen": 1_500},
    {
        "kind": "space_for_service",
        "no": 6,
        "description": "以场地换服务",
        "space_id": "0190aaaa-0000-7000-8000-00000000000a",
        "rent_fen_per_month": 800_000,
        "corridor_bp": 500,
        "services": [{"code": "elder_meal", "unit_price_fen": 1_500}],
    },
]


@pytest.fixture
async def operator(database: Database) -> uuid.UUID:
    """Put an operator on the white list."""
    await take_part(database, DONGJIANG)
    return await enlist(database, OPERATOR_CODE, "operator")


def amendment(agreed: Terms, **changes: object) -> Amendment:
    facts = {"kind": "amendment", "terms": agreed, "valid_from": date(2026, 7, 1), "reason": "增加服务时段"}
    return Amendment(**{**facts, "by": "staff:wang", "now": NOW, **changes})  # type: ignore[arg-type]


async def amended(database: Database, contract: Contract, command: Amendment, signed_at: datetime) -> None:
    async with database.transaction() as session:
        await amend(session, contract, command)
        await sign_all(session, contract, signed_at)


@pytest.mark.proves("O4")
async def test_a_contract_keeps_its_id_through_signed_versions_amendments_and_renewal_as_of_and_as_known(
    database: Database, operator: uuid.UUID
) -> None:
    contract = await conclude(database, terms(operator, lines=LINES))
    more = [{**LINES[0], "amount_fen": 10_500_000}, *LINES[1:]]
    await amended(database, contract, amendment(terms(operator, lines=more)), NOW + DAY)
    async with database.transaction() as session:
        sealed = await sealed_versions(session, contract)
        of_august = [at(sealed, date(2026, 8, 1), known) for known in (NOW, NOW + DAY)]
        of_june = at(sealed, date(2026, 6, 1), NOW + DAY)
        assert [one.version if one else None for one in [*of_august, of_june]] == [1, 2, 1]
        assert {line.kind for line in sealed[0].terms.lines} == {str(line["kind"]) for line in LINES}
        assert at(sealed, date(2026, 8, 1), NOW - DAY) is None
    again = [{**LINES[0], "amount_fen": 11_100_000}, *LINES[1:]]
    with pytest.raises(AmendmentsTooLarge):
        await amended(database, contract, amendment(terms(operator, lines=again)), NOW)
    next_year = terms(operator, starts_on="2026-01-01", ends_on="2027-12-31", lines=LINES)
    renewal = {"kind": "renewal", "valid_from": date(2027, 1, 1)}
    for kpi_bp, satisfaction in ((None, 480), (9_500, None), (9_500, 449)):
        refused = amendment(next_year, **renewal, kpi_bp=kpi_bp, satisfaction=satisfaction)
        with pytest.raises(RenewalUnsupported):
            await amended(database, contract, refused, NOW)
    await amended(database, contract, amendment(next_year, **renewal, kpi_bp=9_500, satisfaction=470), NOW + 2 * DAY)
    async with database.transaction() as session:
        sealed = await sealed_versions(session, contract)
        assert [(one.contract.id, one.version, one.kind) for one in sealed] == [
            (contract.id, 1, "original"),
            (contract.id, 2, "amendment"),
            (contract.id, 3, "renewal"),
        ]
        assert await state_at(session, contract, date(2027, 6, 1), NOW + 2 * DAY) == "in_force"
        assert await state_at(session, contract, date(2027, 6, 1), NOW + DAY) == "expired"
        await seals_fit(session, contract)
        for change in ("suspended", "resumed", "terminated"):
            await change_state(session, contract, StateChange(change, "整改", by="staff:wang", now=NOW + 2 * DAY))
        assert await state_at(session, contract, date(2026, 12, 1), NOW + 2 * DAY) == "terminated"


async def seals_fit(session: AsyncSession, contract: Contract) -> None:
    for one in await sealed_versions(session, contract):
        rows = await session.scalars(select(ContractSignature).where(ContractSignature.version == one.version))
        signed = {row.party: row.signature for row in rows}
        assert len(signed) == 2
        assert one.seal == seal_of(signing_text(contract.id, one.version, one.valid_from, one.terms), signed)


async def test_a_space_for_service_is_told_when_it_is_sealed(database: Database, operator: uuid.UUID) -> None:
    await conclude(database, terms(operator, lines=LINES))
    async with database.transaction() as session:
        assert (await published(session))[-1] == {
            "type": "operations.space-entrusted.v1",
            "community_code": DONGJIANG,
            "space_id": "0190aaaa-0000-7000-8000-00000000000a",
            "provider_id": str(operator),
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
        }


async def drawn_up(database: Database, operator: uuid.UUID) -> tuple[Contract, str]:
    async with database.transaction() as session:
        contract = await propose(session, Proposal(DONGJIANG, terms(operator), by="staff:wang", now=NOW))
    return contract, signing_text(contract.id, 1, date(2026, 1, 1), terms(operator))


async def try_to_sign(database: Database, contract: Contract, party: str, by: str, version: int = 1) -> str | None:
    async with database.transaction() as session:
        return await sign(session, contract, Signing(version, party, by, by="staff:wang", now=NOW))


async def test_a_signature_of_another_text_or_key_is_refused_and_nobody_signs_twice(
    database: Database, operator: uuid.UUID
) -> None:
    contract, to_sign = await drawn_up(database, operator)
    for wrong in (signature(to_sign + " ", OWNER_KEYS), signature(to_sign, PROVIDER_KEYS), "00", "3006020101020101"):
        with pytest.raises(SignatureInvalid):
            await try_to_sign(database, contract, "community", wrong)
    good = signature(to_sign, OWNER_KEYS)
    assert await try_to_sign(database, contract, "community", good) is None
    for party, version in (("community", 1), ("stranger", 1), (str(operator), 2)):
        with pytest.raises(NothingToSign):
            await try_to_sign(database, contract, party, good, version)


async def test_of_32_at_once_one_signature_counts(database: Database, operator: uuid.UUID) -> None:
    contract, to_sign = await drawn_up(database, operator)
    by = signature(to_sign, OWNER_KEYS)
    results = await asyncio.gather(
        *(try_to_sign(database, contract, "community", by) for _ in range(32)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, NothingToSign) for result in results) == 31


async def test_an_amendment_waits_until_the_version_before_is_sealed(database: Database, operator: uuid.UUID) -> None:
    contract, _ = await drawn_up(database, operator)
    with pytest.raises(StepRefused):
        await amended(database, contract, amendment(terms(operator)), NOW)


async def test_a_contract_that_was_ended_is_not_amended_and_what_waited_then_is_not_sealed(
    database: Database, operator: uuid.UUID
) -> None:
    waiting, ended = [await conclude(database, terms(operator, lines=LINES)) for _ in range(2)]
    async with database.transaction() as session:
        await amend(session, waiting, amendment(terms(operator, lines=LINES)))
        told_before = len(await published(session))
        for contract in (waiting, ended):
            await change_state(session, contract, StateChange("terminated", "违约", by="staff:wang", now=NOW))
    with pytest.raises(NothingToSign):
        async with database.transaction() as session:
            await sign_all(session, waiting, NOW + DAY)
    with pytest.raises(StepRefused):
        await amended(database, ended, amendment(terms(operator, lines=LINES), now=NOW + DAY), NOW + DAY)
    async with database.transaction() as session:
        assert len(await published(session)) == told_before


async def test_who_is_debarred_before_the_last_signature_gets_no_contract(
    database: Database, operator: uuid.UUID
) -> None:
    contract, _ = await drawn_up(database, operator)
    async with database.transaction() as session:
        await decide(session, debarment(operator))
    with pytest.raises(ProviderIsDebarred):
        async with database.transaction() as session:
            await sign_all(session, contract)


async def test_a_contract_waits_for_a_debarment_that_is_being_decided(database: Database, operator: uuid.UUID) -> None:
    async with database.transaction() as session:
        await decide(session, debarment(operator))
        drawing = asyncio.create_task(drawn_up(database, operator))
        await asyncio.sleep(0.1)
    with pytest.raises(ProviderIsDebarred):
        await drawing


async def test_a_formula_that_is_none_is_refused(database: Database, operator: uuid.UUID) -> None:
    kpi = {"code": "x", "name": "甲", "formula": "__import__('os')", "target": 1}
    with pytest.raises(FormulaInvalid):
        await conclude(database, terms(operator, kpis=[kpi]))


async def test_nothing_of_a_contract_can_be_changed(database: Database, operator: uuid.UUID) -> None:
    await conclude(database, terms(operator))
    for table in ("contract", "contract_version", "contract_signature", "contract_seal"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as session:
                await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - a name from above


@pytest.mark.parametrize(
    ("running", "state"), [("continue", "in_force"), ("suspend", "suspended"), ("terminate", "terminated")]
)
async def test_a_debarment_does_to_running_contracts_what_it_says(
    database: Database, inbox: Inbox, operator: uuid.UUID, running: str, state: str
) -> None:
    contract = await conclude(database, terms(operator, starts_on="2020-01-01", ends_on="2099-12-31"))
    async with database.transaction() as session:
        await decide(session, debarment(operator, running_contracts=running))
        messages = await told(session)
    await inbox.take(messages)
    async with database.transaction() as session:
        assert await state_at(session, contract, date(2026, 11, 22), datetime.now(UTC)) == state


@pytest.mark.parametrize(("running", "state"), [("continue", "in_force"), ("suspend", "suspended")])
async def test_what_one_debarment_suspended_is_not_resumed_while_another_suspends_it(
    database: Database, operator: uuid.UUID, running: str, state: str
) -> None:
    contract = await conclude(database, terms(operator))
    city, week = Scope(area="330281"), NOW + 7 * DAY
    async with database.transaction() as session:
        await decide(session, debarment(operator, scope=city, ends_at=week, running_contracts="suspend"))
        await decide(session, debarment(operator, ends_at=2 * (week - NOW) + NOW, running_contracts=running))
        suspended = Consequence(operator, EVERYWHERE, "suspended", f"{BECAUSE_DEBARRED}虚开积分", "system:lists", NOW)
        assert await follow_debarment(session, suspended) == 1
    for scope, days, expected in ((city, 7, state), (EVERYWHERE, 14, "in_force")):
        now = NOW + days * DAY
        async with database.transaction() as session:
            await follow_debarment(session, Consequence(operator, scope, "resumed", "期满", "system:lists", now))
            assert await state_at(session, contract, date(2026, 12, 7), now) == expected
