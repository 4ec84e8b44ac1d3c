"""What a contract says: parties, typed lines and KPIs, and what they come to."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from services.operations.listings.rules import Scene
from services.operations.providers.rules import LicenceKind
from shared.errors import Inadmissible
from shared.fields import PRINTABLE

FEN_MAX = 10**13
EARLIEST, TOO_LATE = date(2000, 1, 1), date(2100, 1, 1)


WHOLE_BP = 10_000


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTABLE)]


Fen = Annotated[int, Field(ge=0, le=FEN_MAX, description="金额（分） / fen")]


BasisPoints = Annotated[int, Field(ge=0, le=WHOLE_BP, description="万分比 / basis points")]


Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


OWNER = "community"


class Part(BaseModel):
    """A part of the terms: nothing unknown is in it, and nobody alters it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Party(Part):
    """Who signs: the community itself, or a provider; with the SM2 public key that its signature is checked by."""

    provider_id: uuid.UUID | None = Field(default=None, description="省略为社区（甲方） / left out: the community")
    key: Key = Field(description="SM2 公钥，64 字节十六进制 / public key, 64 bytes in hex")

    @property
    def name(self) -> str:
        """By which the party signs."""
        return str(self.provider_id) if self.provider_id else OWNER


class Fee(Part):
    """A price that is paid every so many months; a share is kept back until the end."""

    kind: Literal["fee"]
    no: int = Field(ge=1, le=99)
    description: Text
    amount_fen: Fen
    every_months: Literal[1, 2, 3, 4, 6, 12]
    retention_bp: BasisPoints = 0


class Subsidy(Part):
    """Public money towards the work; paid in tranches of its own."""

    kind: Literal["subsidy"]
    no: int = Field(ge=1, le=99)
    description: Text
    amount_fen: Fen


class RevenueShare(Part):
    """The community's share of what the provider takes in."""

    kind: Literal["revenue_share"]
    no: int = Field(ge=1, le=99)
    description: Text
    share_bp: BasisPoints
    guaranteed_fen: Fen = 0


class Deposit(Part):
    """Money that a party leaves until the end."""

    kind: Literal["deposit"]
    no: int = Field(ge=1, le=99)
    description: Text
    amount_fen: Fen


class PriceCap(Part):
    """The most that residents pay for something."""

    kind: Literal["price_cap"]
    no: int = Field(ge=1, le=99)
    description: Text
    unit: Text
    cap_fen: Fen


class ServiceItem(Part):
    """A service at its catalogue price."""

    code: Text
    unit_price_fen: Fen


class SpaceForService(Part):
    """Space for service 以场地换服务: a space at its appraised rent, against services at catalogue prices."""

    kind: Literal["space_for_service"]
    no: int = Field(ge=1, le=99)
    description: Text
    space_id: uuid.UUID
    rent_fen_per_month: Fen
    corridor_bp: BasisPoints = Field(description="差额走廊，占租金 / how far apart they may lie, of the rent")
    services: Annotated[tuple[ServiceItem, ...], Field(min_length=1, max_length=50)]


Line = Annotated[
    Fee | Subsidy | RevenueShare | Deposit | PriceCap | SpaceForService,
    Field(discriminator="kind"),
]


class Abatement(Part):
    """What is taken off the fees of a month in which a KPI stays below a ratio."""

    below_bp: Annotated[int, Field(ge=1, le=WHOLE_BP)]
    deduct_bp: BasisPoints


class KpiTerms(Part):
    """What is measured, by which formula over the events of a month, and what falling short costs."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Text
    formula: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    target: Annotated[int, Field(ge=1, le=10**12)]
    abatements: Annotated[tuple[Abatement, ...], Field(max_length=10)] = ()


class Terms(Part):
    """The facts of a contract, which its seal covers."""

    title: Text
    scene: Scene
    parties: Annotated[tuple[Party, ...], Field(min_length=2, max_length=9)]
    starts_on: date
    ends_on: date
    lines: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    kpis: Annotated[tuple[KpiTerms, ...], Field(max_length=20)] = ()
    licences: Annotated[tuple[LicenceKind, ...], Field(max_length=9)] = ()

    @property
    def provider_ids(self) -> tuple[uuid.UUID, ...]:
        """The providers that are parties."""
        return tuple(party.provider_id for party in self.parties if party.provider_id)

    @property
    def value_fen(self) -> int:
        """What the fees and subsidies come to, each fee for the periods that begin in the term."""
        months = months_in(self.starts_on, self.ends_on)
        fees = sum(line.amount_fen * -(-months // line.every_months) for line in self.lines if isinstance(line, Fee))
        return fees + sum(line.amount_fen for line in self.lines if isinstance(line, Subsidy))


@dataclass(kw_only=True, eq=False)
class TermsContradict(Inadmissible):
    """The terms do not fit together."""

    type = "contract-terms-contradict"
    title = "合同条款自相矛盾"
    title_en = "The terms contradict"
    detail = "{what} 有误：日期须先后有序、早于 2100 年，条目编号与指标代码不得重复，须有一个甲方和至少一个服务提供商。"
    detail_en = "{what}: a term ends after it starts, by 2099; numbers and codes are unique, one party the community."

    what: str


def months_in(starts_on: date, ends_on: date) -> int:
    """Return how many months begin from the first day to the last, the first day's included."""
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    return months + (1 if ends_on.day >= starts_on.day else 0) or 1


def check_terms(terms: Terms) -> None:
    """Refuse terms that do not fit together.

    Raises:
        TermsContradict: They do not.
    """
    names = [party.name for party in terms.parties]
    if len(set(names)) < len(names) or names.count(OWNER) != 1:
        raise TermsContradict(what="parties")
    if terms.starts_on < EARLIEST:
        raise TermsContradict(what="starts_on")
    if not terms.starts_on <= terms.ends_on < TOO_LATE:
        raise TermsContradict(what="ends_on")
    if len({line.no for line in terms.lines}) < len(terms.lines):
        raise TermsContradict(what="lines.no")
    if len({kpi.code for kpi in terms.kpis}) < len(terms.kpis):
        raise TermsContradict(what="kpis.code")


TERMS: TypeAdapter[Terms] = TypeAdapter(Terms)
"""Reads stored terms."""
