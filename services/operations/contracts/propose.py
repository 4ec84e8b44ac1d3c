"""Propose a contract 拟定合同."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.contracts.queries import award_of
from services.operations.contracts.tables import Contract, ContractParty, ContractVersion
from services.operations.kpis.rules import check_formula
from services.operations.providers.admit_award import admit_award
from services.operations.terms.rules import Terms, check_terms


@dataclass(frozen=True, slots=True)
class Proposal:
    """Terms that the parties are to sign."""

    community_code: str
    terms: Terms
    by: str
    now: datetime


async def propose(session: AsyncSession, command: Proposal) -> Contract:
    """Draw up a contract; it holds when all parties have signed.

    Raises:
        TermsContradict: The terms do not fit together.
        FormulaInvalid: A KPI's formula is none.
        CommunityNotRegistered: The community does not take part.
        Conflict: A provider may not be given it (see `admit_award`).
    """
    check_terms(command.terms)
    for kpi in command.terms.kpis:
        check_formula(kpi.formula)
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    await admit_award(session, award_of(command.community_code, command.terms, command.now))
    contract = Contract(community_code=command.community_code, proposed_at=command.now, proposed_by=command.by)
    session.add(contract)
    await session.flush()
    of = {"community_code": contract.community_code, "contract_id": contract.id}
    session.add_all(ContractParty(**of, provider_id=provider_id) for provider_id in command.terms.provider_ids)
    session.add(
        ContractVersion(
            **of,
            version=1,
            kind="original",
            reason="原合同 original",
            valid_from=command.terms.starts_on,
            terms=command.terms.model_dump(mode="json"),
            proposed_at=command.now,
            proposed_by=command.by,
        )
    )
    await session.flush()
    return contract
