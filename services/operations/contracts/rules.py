"""How a contract is sealed, amended, renewed, suspended and ended."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cryptography.hazmat.primitives.hashes import SM3, Hash

from services.operations.terms.rules import WHOLE_BP, Part, Terms, TermsContradict
from shared.errors import Conflict, Inadmissible, Unseen

State = Literal["draft", "sealed", "in_force", "suspended", "terminated", "expired"]


VersionKind = Literal["original", "amendment", "renewal"]


AMENDMENTS_MAX_BP = 1_000
"""Government Procurement Law, art. 49: all supplements together add no more than a tenth of the original amount."""


RENEWAL_KPI_MIN_BP = 9_000


RENEWAL_SATISFACTION_MIN = 450
"""Of 500: the 4.5 of 5 that acceptance asks for."""


@dataclass(kw_only=True, eq=False)
class ContractUnseen(Unseen):
    """There is no such contract, or there was none at the time asked for."""

    type = "contract-unseen"
    title = "未找到该合同"
    title_en = "No such contract"
    detail = "未找到合同 {contract_id}，或所查时点尚无已签版本。请核对合同编号与时点。"
    detail_en = "There is no contract {contract_id}, or no version was sealed by then. Check its id and the time."

    contract_id: str


@dataclass(kw_only=True, eq=False)
class SignatureInvalid(Inadmissible):
    """A signature does not fit the version and the party's key."""

    type = "contract-signature-invalid"
    title = "签名无效"
    title_en = "Invalid signature"
    detail = "{party} 的 SM2 签名与第 {version} 版待签内容不符。请对 signing_text 原文签名。"
    detail_en = "The SM2 signature of {party} does not fit version {version}. Sign the bytes of signing_text."

    party: str
    version: int


@dataclass(kw_only=True, eq=False)
class NothingToSign(Conflict):
    """The version is sealed, the party has signed it, or it is not the newest."""

    type = "contract-nothing-to-sign"
    title = "没有待签版本"
    title_en = "Nothing to sign"
    detail = "合同第 {version} 版对 {party} 没有待签事项。"
    detail_en = "In version {version} there is nothing for {party} to sign."

    party: str
    version: int


@dataclass(kw_only=True, eq=False)
class StepRefused(Conflict):
    """The contract's state does not allow it."""

    type = "contract-step-refused"
    title = "合同状态不允许此操作"
    title_en = "The contract allows no such step"
    detail = "合同当前为 {state}，不能 {asked}。"
    detail_en = "The contract is {state}; it cannot be {asked}."

    state: str
    asked: str


@dataclass(kw_only=True, eq=False)
class AmendmentsTooLarge(Conflict):
    """All amendments together would add too much."""

    type = "contract-amendments-too-large"
    title = "补充协议累计超限"
    title_en = "Amendments too large"
    detail = "补充协议累计增加 {added_fen} 分，超过原合同金额的 10%（{limit_fen} 分）。请另行采购。"
    detail_en = "All amendments add {added_fen} fen, over a tenth of the original ({limit_fen} fen). Tender anew."

    added_fen: int
    limit_fen: int


@dataclass(kw_only=True, eq=False)
class RenewalUnsupported(Conflict):
    """A renewal lacks KPI or satisfaction, or they are too low."""

    type = "contract-renewal-unsupported"
    title = "续约条件不足"
    title_en = "Renewal not supported"
    detail = (
        "续约需考核达标率不低于 {kpi_min_bp} 万分比、满意度不低于 {satisfaction_min}/500；"
        "现为 {kpi_bp} 与 {satisfaction}。没有数据不能续约。"
    )
    detail_en = (
        "A renewal takes a KPI ratio of {kpi_min_bp} bp and a satisfaction of {satisfaction_min}/500;"
        " they are {kpi_bp} and {satisfaction}. Without data there is no renewal."
    )

    kpi_bp: int | None
    satisfaction: int | None
    kpi_min_bp: int = RENEWAL_KPI_MIN_BP
    satisfaction_min: int = RENEWAL_SATISFACTION_MIN


def signing_text(contract_id: uuid.UUID, version: int, valid_from: date, terms: Terms) -> str:
    """Return what the parties sign: the version's facts as JSON in one form."""
    return SignedFacts(contract_id=contract_id, version=version, valid_from=valid_from, terms=terms).canonical()


class SignedFacts(Part):
    """What a signature covers."""

    contract_id: uuid.UUID
    version: int
    valid_from: date
    terms: Terms

    def canonical(self) -> str:
        """Return it as JSON with the fields in the order of the schema and no spaces."""
        return self.model_dump_json()


def seal_of(text: str, signatures: dict[str, str]) -> str:
    """Return the seal: SM3 (GB/T 32905), in hex, over the signed text and the signatures by party."""
    digest = Hash(SM3())
    digest.update(text.encode())
    for party in sorted(signatures):
        digest.update(f"\n{party} {signatures[party]}".encode())
    return digest.finalize().hex()


def check_amendment(original: Terms, amended: Terms) -> None:
    """Refuse an amendment with which all of them add more than a tenth of the original.

    Raises:
        AmendmentsTooLarge: It would.
        TermsContradict: It changes who the parties are.
    """
    if {party.name for party in amended.parties} != {party.name for party in original.parties}:
        raise TermsContradict(what="parties")
    added, limit = amended.value_fen - original.value_fen, original.value_fen * AMENDMENTS_MAX_BP // WHOLE_BP
    if added > limit:
        raise AmendmentsTooLarge(added_fen=added, limit_fen=limit)


def check_renewal(kpi_bp: int | None, satisfaction: int | None) -> None:
    """Refuse a renewal that KPIs and residents do not speak for; no data does not.

    Raises:
        RenewalUnsupported: They do not.
    """
    if kpi_bp is None or satisfaction is None or kpi_bp < RENEWAL_KPI_MIN_BP or satisfaction < RENEWAL_SATISFACTION_MIN:
        raise RenewalUnsupported(kpi_bp=kpi_bp, satisfaction=satisfaction)


def state_on(terms: Terms | None, decided: str | None, today: date) -> State:
    """Return a contract's state: by its last sealed terms, and by a decision to suspend or end it."""
    if terms is None:
        return "draft"
    if decided == "terminated" or (decided == "suspended" and today <= terms.ends_on):
        return "terminated" if decided == "terminated" else "suspended"
    if today < terms.starts_on:
        return "sealed"
    return "in_force" if today <= terms.ends_on else "expired"


STEPS: dict[str, frozenset[State]] = {
    "suspended": frozenset({"sealed", "in_force"}),
    "resumed": frozenset({"suspended"}),
    "terminated": frozenset({"sealed", "in_force", "suspended"}),
}
"""From which states a decision may be taken."""


def check_state_step(state: State, asked: str) -> None:
    """Refuse a decision that the state does not allow.

    Raises:
        StepRefused: It does not.
    """
    if state not in STEPS[asked]:
        raise StepRefused(state=state, asked=asked)
