"""HTTP of the cost benchmark."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.operations.benchmarks.rules import Comparison, Effect, Facts, Verdict, compare
from services.operations.statements.queries import get, latest
from services.operations.statements.rules import Driver, StatementUnseen
from services.operations.statements.tables import OperatingStatement
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.identity import Caller

router = APIRouter(prefix="/benchmarks", tags=["运营成本对标 cost benchmark"])

EXPLANATIONS: dict[Verdict, str] = {
    "typical": "在同类社区的正常范围内 / within its peers",
    "costly": "明显高于同类社区，请按成本动因核查 / far above its peers: look at the drivers",
    "not_served": "明显偏低且使用少：省钱不等于有服务 / far below, and little used: too cheap is not served",
    "lean": "明显偏低而使用不少，可推广 / far below, and well used: worth copying",
    "cheap_service_unknown": "明显偏低但使用量未知，不能认定为节约 / far below, use unknown: no proof of thrift",
    "no_peers": "可比社区不足三个，不作评价 / fewer than three peers: no verdict",
}


class EffectView(BaseModel):
    """What one driver explains of the distance from the median cost, in fen; the two parts add up to it."""

    driver: Driver
    volume: int
    median_rate_fen: Decimal = Field(description="单位动因成本中位数 / median cost per unit of the driver")
    expected_fen: int = Field(description="按中位单价应有成本 / cost at the median rate")
    volume_fen: int = Field(description="规模因素 / from having more or less of it")
    rate_fen: int = Field(description="单价因素 / from paying more or less for it")


class BenchmarkView(BaseModel):
    """Where a community's cost stands among its peers."""

    community_code: str
    year: int
    project_type: str
    size: str | None
    tier: str | None
    peers: list[str]
    cost_fen: int
    median_fen: Decimal
    mad_fen: Decimal = Field(description="绝对中位差 / median absolute deviation")
    ratio: Decimal
    robust_z: Decimal | None
    few_peers: bool = Field(description="可比社区少于八个，按倍数而非稳健 Z 值判断 / judged by the ratio, not by z")
    effects: list[EffectView]
    verdict: Verdict
    explanation: str


@router.get(
    "/{code}",
    summary="运营成本对标 / The cost benchmark of a community",
    responses=problems.responses(StatementUnseen, OutOfScope),
)
async def get_benchmark(
    code: CommunityCode, year: Annotated[int, Query(ge=2000, le=2099)], session: Transaction, who: Caller
) -> BenchmarkView:
    """Compare a community's cost of a year with its peers'; for the area's staff and auditors."""
    who.require(code, "desk", "operator", "official", "auditor")
    own = _facts(await get(session, code, year))
    return _view(own, year, compare(own, [_facts(one) for one in await latest(session, year)]))


def _facts(of: OperatingStatement) -> Facts:
    volumes = cast("dict[Driver, int]", of.volumes)
    return Facts(of.community_code, of.project_type, of.tier, of.households, of.cost_fen, volumes)


def _view(own: Facts, year: int, found: Comparison) -> BenchmarkView:
    return BenchmarkView(
        community_code=own.code,
        year=year,
        project_type=found.group.project_type,
        size=found.group.size,
        tier=found.group.tier,
        peers=sorted(one.code for one in found.group.members),
        cost_fen=own.cost_fen,
        median_fen=_shown(found.median_fen),
        mad_fen=_shown(found.mad_fen),
        ratio=_shown(found.ratio),
        robust_z=None if found.robust_z is None else _shown(found.robust_z),
        few_peers=found.few_peers,
        effects=[_effect(effect) for effect in found.effects],
        verdict=found.verdict,
        explanation=EXPLANATIONS[found.verdict],
    )


def _effect(of: Effect) -> EffectView:
    return EffectView(
        driver=of.driver,
        volume=of.volume,
        median_rate_fen=_shown(of.median_rate, 4),
        expected_fen=of.expected_fen,
        volume_fen=of.volume_fen,
        rate_fen=of.rate_fen,
    )


def _shown(value: Fraction, places: int = 2) -> Decimal:
    return Decimal(round(value * 10**places)).scaleb(-places)
