"""Reads what is published of contracts and tenders, a page of them at a time."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.billing.tables import Settlement
from services.operations.communities.tables import CommunityReference
from services.operations.contracts.rules import state_on
from services.operations.contracts.tables import Contract, ContractDecision, ContractSeal, ContractVersion
from services.operations.disclosures.rules import (
    ContractFacts,
    Measured,
    Organization,
    Paid,
    SealedVersion,
    TenderFacts,
)
from services.operations.kpis.tables import KpiResult
from services.operations.providers.tables import Provider
from services.operations.tenders.tables import Tender, TenderAward, TenderBid
from services.operations.terms.rules import TERMS
from shared.clock import local_day

Row = TypeVar("Row", ContractDecision, Settlement, KpiResult)


async def contracts(
    session: AsyncSession, area: str, after: uuid.UUID | None, size: int, now: datetime
) -> Sequence[ContractFacts]:
    """Return what is published of the sealed contracts of an area, in the order of their ids."""
    rows = select(Contract).where(Contract.community_code.startswith(area), _is_sealed())
    if after:
        rows = rows.where(Contract.id > after)
    found = (await session.scalars(rows.order_by(Contract.id).limit(size))).all()
    ids = [one.id for one in found]
    sealed = await _sealed(session, ids)
    named = await _providers(
        session, [who for some in sealed.values() for one in some for who in one.terms.provider_ids]
    )
    communities = await _communities(session, [one.community_code for one in found])
    decisions = select(ContractDecision).where(ContractDecision.contract_id.in_(ids))
    decided = _by_contract(await session.scalars(decisions.order_by(ContractDecision.revision)), ids)
    settlements = select(Settlement).where(Settlement.contract_id.in_(ids))
    settled = _by_contract(await session.scalars(settlements.order_by(Settlement.settled_at)), ids)
    results = select(KpiResult).where(KpiResult.contract_id.in_(ids))
    results = results.order_by(KpiResult.period, KpiResult.code, KpiResult.revision)
    measured = _by_contract(await session.scalars(results), ids)
    return [
        ContractFacts(
            one.id,
            communities[one.community_code],
            named,
            sealed[one.id],
            state_on(sealed[one.id][-1].terms, decided[one.id][-1].state if decided[one.id] else None, local_day(now)),
            next(((row.reason, row.decided_at) for row in decided[one.id] if row.state == "terminated"), None),
            [_paid(row) for row in settled[one.id]],
            _latest(measured[one.id]),
        )
        for one in found
    ]


def _is_sealed() -> ColumnElement[bool]:
    return (
        select(ContractSeal)
        .where(ContractSeal.community_code == Contract.community_code, ContractSeal.contract_id == Contract.id)
        .exists()
    )


async def _sealed(session: AsyncSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[SealedVersion]]:
    rows = await session.execute(
        select(ContractVersion, ContractSeal.sealed_at)
        .join(
            ContractSeal,
            (ContractSeal.community_code == ContractVersion.community_code)
            & (ContractSeal.contract_id == ContractVersion.contract_id)
            & (ContractSeal.version == ContractVersion.version),
        )
        .where(ContractVersion.contract_id.in_(ids))
        .order_by(ContractVersion.version)
    )
    by_contract = defaultdict(list)
    for row, sealed_at in rows:
        known = SealedVersion(row.version, row.reason, row.valid_from, TERMS.validate_python(row.terms), sealed_at)
        by_contract[row.contract_id].append(known)
    return by_contract


def _by_contract(rows: Iterable[Row], ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Row]]:
    by_contract: dict[uuid.UUID, list[Row]] = {one: [] for one in ids}
    for row in rows:
        by_contract[row.contract_id].append(row)
    return by_contract


def _paid(row: Settlement) -> Paid:
    return Paid(row.line_no, row.seq, row.first, row.last, row.payable_fen, row.abated_fen, row.settled_at)


def _latest(rows: Sequence[KpiResult]) -> list[Measured]:
    newest = {(row.period, row.code): row for row in rows}
    return [Measured(row.period, row.code, row.numerator, row.denominator, row.measured_at) for row in newest.values()]


async def _communities(session: AsyncSession, codes: Sequence[str]) -> dict[str, Organization]:
    rows = await session.scalars(select(CommunityReference).where(CommunityReference.code.in_(codes)))
    return {row.code: Organization("CN-AREA", row.code, row.name) for row in rows}


async def _providers(session: AsyncSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Organization]:
    rows = await session.scalars(select(Provider).where(Provider.id.in_(ids)))
    return {row.id: Organization("CN-USCC", row.social_credit_code, row.name) for row in rows}


async def tenders(session: AsyncSession, area: str, after: uuid.UUID | None, size: int) -> Sequence[TenderFacts]:
    """Return what is published of the tenders of an area, in the order of their ids."""
    rows = select(Tender, TenderAward).outerjoin(
        TenderAward, (TenderAward.community_code == Tender.community_code) & (TenderAward.tender_id == Tender.id)
    )
    rows = rows.where(Tender.community_code.startswith(area))
    if after:
        rows = rows.where(Tender.id > after)
    found = (await session.execute(rows.order_by(Tender.id).limit(size))).all()
    awarded = [tender.id for tender, award in found if award]
    bids = (await session.scalars(select(TenderBid).where(TenderBid.tender_id.in_(awarded)))).all()
    named = await _providers(session, [bid.provider_id for bid in bids])
    communities = await _communities(session, [tender.community_code for tender, _ in found])
    return [_tender(tender, award, communities[tender.community_code], bids, named) for tender, award in found]


def _tender(
    tender: Tender,
    award: TenderAward | None,
    community: Organization,
    bids: Sequence[TenderBid],
    named: dict[uuid.UUID, Organization],
) -> TenderFacts:
    own = [bid for bid in bids if bid.tender_id == tender.id]
    won = next((bid for bid in own if award and bid.provider_id == award.provider_id), None)
    return TenderFacts(
        tender.id,
        tender.title,
        community,
        tender.budget_fen,
        tender.criteria,
        tender.opened_at,
        tender.bids_until,
        [named[bid.provider_id] for bid in own],
        named[won.provider_id] if won else None,
        won.price_fen if won else 0,
        award.awarded_at if award else None,
    )
