"""What is published of a contracting process: releases of the Open Contracting Data Standard 1.1 with its PPP profile.

A release tells one happening and is never changed, so its id is made from what happened. Words of the standard:
`preferredBidders` are who was awarded, `privateParty` is the other side of a contract, `agreedMetrics` are its KPIs.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from services.operations.contracts.rules import State
from services.operations.kpis.rules import month_end
from services.operations.terms.rules import Fee, PriceCap, Subsidy, Terms
from shared.clock import CHINA

Release = dict[str, Any]
PROFILE = "https://standard.open-contracting.org/profiles/ppp/latest/en/schema/extension.json"
_STATUS: dict[State, str] = {
    "draft": "pending",
    "sealed": "pending",
    "expired": "terminated",
    "terminated": "terminated",
}
"""All others are active."""


@dataclass(frozen=True, slots=True)
class Organization:
    """Who takes part: a community by its area code, or a provider by its social-credit code (GB 32100)."""

    scheme: Literal["CN-AREA", "CN-USCC"]
    code: str
    name: str

    @property
    def reference(self) -> dict[str, str]:
        """How the rest of a release speaks of it."""
        return {"id": f"{self.scheme}-{self.code}", "name": self.name}

    def party(self, *roles: str) -> dict[str, Any]:
        """How it stands among the parties."""
        identifier = {"scheme": self.scheme, "id": self.code, "legalName": self.name}
        return {**self.reference, "identifier": identifier, "roles": list(roles)}


@dataclass(frozen=True, slots=True)
class SealedVersion:
    """A sealed version of a contract: why it was made, from which day it holds, and when it was sealed."""

    version: int
    reason: str
    valid_from: date
    terms: Terms
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Paid:
    """What was settled for a period of a line, in fen."""

    line_no: int
    seq: int
    first: date
    last: date
    payable_fen: int
    abated_fen: int
    settled_at: datetime

    @property
    def id(self) -> str:
        """Its name within the contract."""
        return f"{self.line_no}-{self.seq}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a KPI came to in a month; neither number where there was no data."""

    period: date
    code: str
    numerator: int | None
    denominator: int | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """All that is published of a contract."""

    id: uuid.UUID
    community: Organization
    providers: Mapping[uuid.UUID, Organization]
    sealed: Sequence[SealedVersion]
    state: State
    terminated: tuple[str, datetime] | None
    paid: Sequence[Paid]
    measured: Sequence[Measured]


@dataclass(frozen=True, slots=True)
class TenderFacts:
    """All that is published of a tender; who bid is known when somebody has won."""

    id: uuid.UUID
    title: str
    community: Organization
    budget_fen: int
    criteria: Mapping[str, int]
    opened_at: datetime
    bids_until: datetime
    bidders: Sequence[Organization]
    winner: Organization | None
    price_fen: int
    awarded_at: datetime | None


def money(fen: int) -> dict[str, Any]:
    """Return an amount as the standard writes it: in yuan, a number."""
    return {"amount": fen // 100 if fen % 100 == 0 else fen / 100, "currency": "CNY"}


def period(first: date, last: date) -> dict[str, str]:
    """Return a period from the first moment of a day to the last second of another, in China."""
    ends = datetime.combine(last, time.min, CHINA) + timedelta(days=1, seconds=-1)
    return {"startDate": datetime.combine(first, time.min, CHINA).isoformat(), "endDate": ends.isoformat()}


def tender_releases(prefix: str, facts: TenderFacts) -> list[Release]:
    """Return the releases of a tender: that it was opened, and when somebody has won, who."""
    ocid = f"{prefix}-{facts.id}"
    asked = _tender(facts)
    parties = [facts.community.party("procuringEntity")]
    releases = [_release(ocid, "tender", facts.opened_at, ["tender"], parties, tender={**asked, "status": "active"})]
    if facts.winner and facts.awarded_at:
        bidders = [one.party("bidder", *["privateParty"] * (one == facts.winner)) for one in facts.bidders]
        agreed = {"title": facts.title, "value": money(facts.price_fen)}
        award = {**agreed, **_awarded(facts.id, facts.awarded_at, [facts.winner.reference])}
        tenderers = [one.reference for one in facts.bidders]
        done = {**asked, "status": "complete", "numberOfTenderers": len(tenderers), "tenderers": tenderers}
        told = {"tender": done, "awards": [award]}
        releases.append(_release(ocid, "award", facts.awarded_at, ["award"], [*parties, *bidders], **told))
    return releases


def _awarded(process: uuid.UUID, at: datetime, to: list[dict[str, str]]) -> Release:
    return {"id": f"{process}-award", "status": "active", "date": at.isoformat(), "preferredBidders": to}


def _tender(facts: TenderFacts) -> dict[str, Any]:
    return {
        "id": str(facts.id),
        "title": facts.title,
        "procuringEntity": facts.community.reference,
        "value": money(facts.budget_fen),
        "procurementMethod": "open",
        "mainProcurementCategory": "services",
        "tenderPeriod": {"startDate": facts.opened_at.isoformat(), "endDate": facts.bids_until.isoformat()},
        "criteria": [
            {"id": str(no), "title": name, "description": f"权重 {weight} / 10000", "relatesTo": "tenderer"}
            for no, (name, weight) in enumerate(sorted(facts.criteria.items()), 1)
        ],
    }


def contract_releases(prefix: str, facts: ContractFacts) -> list[Release]:
    """Return the releases of a contract: each sealed version, what was done under it, and its early end."""
    ocid = f"{prefix}-{facts.id}"
    releases = [_of_version(ocid, facts, known) for known in range(1, len(facts.sealed) + 1)]
    parties = _parties(facts, facts.sealed[-1])
    if done := [*(one.settled_at for one in facts.paid), *(one.measured_at for one in facts.measured)]:
        shown = {**_skeleton(facts), "implementation": _implementation(facts)}
        name = f"implementation-{len(done)}"
        releases.append(_release(ocid, name, max(done), ["implementation"], parties, contracts=[shown]))
    if facts.terminated:
        reason, at = facts.terminated
        shown = {**_skeleton(facts), "status": "terminated", "description": reason}
        releases.append(_release(ocid, "termination", at, ["contractTermination"], parties, contracts=[shown]))
    return releases


def _of_version(ocid: str, facts: ContractFacts, known: int) -> Release:
    sealed = facts.sealed[known - 1]
    terms, private = sealed.terms, [facts.providers[one].reference for one in sealed.terms.provider_ids]
    agreed, lasts = {"title": terms.title, "value": money(terms.value_fen)}, period(terms.starts_on, terms.ends_on)
    contract = {
        **_skeleton(facts),
        **agreed,
        "status": _STATUS.get(facts.state, "active") if known == len(facts.sealed) else "active",
        "period": lasts,
        "dateSigned": sealed.sealed_at.isoformat(),
        "signatories": [facts.community.reference, *private],
        **_lines(facts, terms),
        "amendments": [
            {"id": f"v{one.version}", "date": one.sealed_at.isoformat(), "rationale": one.reason}
            for one in facts.sealed[1:known]
        ],
    }
    told: dict[str, Any] = {"contracts": [_without_empty(contract)], "publicAuthority": facts.community.reference}
    if known == 1:
        told["awards"] = [{**agreed, **_awarded(facts.id, sealed.sealed_at, private), "contractPeriod": lasts}]
    tags = ["award", "contract"] if known == 1 else ["contractAmendment"]
    return _release(ocid, f"v{sealed.version}", sealed.sealed_at, tags, _parties(facts, sealed), **told)


def _lines(facts: ContractFacts, terms: Terms) -> dict[str, Any]:
    """Return what the typed lines and KPIs are to the standard: tariffs, finance and agreed metrics."""
    lasts = period(terms.starts_on, terms.ends_on)
    return {
        "description": "；".join(line.description for line in terms.lines if isinstance(line, Fee)),
        "tariffs": [
            {
                "id": str(cap.no),
                "title": cap.description,
                "paidBy": "user",
                "period": lasts,
                "value": money(cap.cap_fen),
            }
            | {"unit": {"name": cap.unit}}
            for cap in terms.lines
            if isinstance(cap, PriceCap)
        ],
        "finance": [
            {
                "id": str(grant.no),
                "title": grant.description,
                "financeCategory": "grant",
                "value": money(grant.amount_fen),
            }
            | {"financingParty": facts.community.reference, "period": lasts}
            for grant in terms.lines
            if isinstance(grant, Subsidy)
        ],
        "agreedMetrics": [
            {
                "id": kpi.code,
                "title": kpi.name,
                "observations": [{"id": f"{kpi.code}-target", "measure": kpi.target, "notes": kpi.formula}],
            }
            for kpi in terms.kpis
        ],
    }


def _implementation(facts: ContractFacts) -> dict[str, Any]:
    terms = facts.sealed[-1].terms
    payee = facts.providers[terms.provider_ids[0]].reference
    names = {kpi.code: kpi.name for kpi in terms.kpis}
    between = {"payer": facts.community.reference, "payee": payee}
    return _without_empty(
        {
            "transactions": [
                {"id": one.id, "date": one.settled_at.isoformat(), "value": money(one.payable_fen), **between}
                for one in facts.paid
            ],
            "performanceFailures": [
                {
                    "id": one.id,
                    "period": period(one.first, one.last),
                    "penaltyImposed": f"扣减 {money(one.abated_fen)['amount']} 元",
                    "penaltyPaid": True,
                }
                for one in facts.paid
                if one.abated_fen
            ],
            "metrics": [
                {"id": code, "title": names.get(code, code), "observations": [_observation(one) for one in months]}
                for code in sorted({one.code for one in facts.measured})
                if (months := [one for one in facts.measured if one.code == code])
            ],
        }
    )


def _observation(measured: Measured) -> dict[str, Any]:
    month = measured.period
    told = {"id": f"{measured.code}-{month:%Y-%m}", "period": period(month, month_end(month))}
    if measured.numerator is None:
        return {**told, "notes": "无数据 no data"}
    whole = measured.denominator == 1
    return {**told, "measure": measured.numerator if whole else f"{measured.numerator}/{measured.denominator}"}


def _skeleton(facts: ContractFacts) -> dict[str, str]:
    return {"id": str(facts.id), "awardID": f"{facts.id}-award"}


def _parties(facts: ContractFacts, sealed: SealedVersion) -> list[dict[str, Any]]:
    private = [facts.providers[one].party("privateParty", "payee") for one in sealed.terms.provider_ids]
    return [facts.community.party("procuringEntity", "payer"), *private]


def _release(ocid: str, name: str, at: datetime, tags: list[str], parties: list[Release], **told: object) -> Release:
    about = {"ocid": ocid, "id": f"{ocid}-{name}", "date": at.isoformat(), "tag": tags, "initiationType": "ppp"}
    return {**about, "language": "zh", "parties": parties, **told}


def _without_empty(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in ("", [], {})}
