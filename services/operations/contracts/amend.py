"""Amend a contract 补充协议, or renew it 续约: propose its next version."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.queries import hold, sealed_versions, state_at, versions
from services.operations.contracts.rules import StepRefused, check_amendment, check_renewal
from services.operations.contracts.tables import Contract, ContractVersion
from services.operations.kpis.rules import check_formula
from services.operations.terms.rules import Terms, check_terms
from shared.clock import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """New terms from a day on, and why.

    For a renewal, `kpi_bp` is how far the KPIs were met on average, in basis points, and `satisfaction` what residents
    gave, in hundredths of 5; None when there is no data.
    """

    kind: Literal["amendment", "renewal"]
    terms: Terms
    valid_from: date
    reason: str
    by: str
    now: datetime
    kpi_bp: int | None = None
    satisfaction: int | None = None


async def amend(session: AsyncSession, contract: Contract, command: Amendment) -> int:
    """Propose the next version; it holds when all parties have signed. Returns its number.

    Raises:
        TermsContradict: The terms do not fit together, or have other parties.
        FormulaInvalid: A KPI's formula is none.
        StepRefused: The last version waits for signatures, none was sealed, or the contract is terminated.
        AmendmentsTooLarge: All amendments together add too much; a renewal starts anew.
        RenewalUnsupported: KPIs or satisfaction do not speak for a renewal.
    """
    check_terms(command.terms)
    for kpi in command.terms.kpis:
        check_formula(kpi.formula)
    await hold(session, contract)
    sealed = await sealed_versions(session, contract)
    latest = (await versions(session, contract))[-1].version
    if not sealed or sealed[-1].version != latest:
        raise StepRefused(state="draft", asked=command.kind)
    if await state_at(session, contract, local_day(command.now), command.now) == "terminated":
        raise StepRefused(state="terminated", asked=command.kind)
    if command.kind == "renewal":
        check_renewal(command.kpi_bp, command.satisfaction)
    else:
        # What all amendments add is measured from the original, or from the renewal that replaced it.
        base = [one for one in sealed if one.kind != "amendment"][-1]
        check_amendment(base.terms, command.terms)
    session.add(
        ContractVersion(
            community_code=contract.community_code,
            contract_id=contract.id,
            version=latest + 1,
            kind=command.kind,
            reason=command.reason,
            valid_from=command.valid_from,
            terms=command.terms.model_dump(mode="json"),
            proposed_at=command.now,
            proposed_by=command.by,
        )
    )
    await session.flush()
    return latest + 1
