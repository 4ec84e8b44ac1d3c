"""The audit of the book."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.points.ledger.queries import check_integrity
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["账本核验 integrity"])


class FindingView(BaseModel):
    """An invariant, and how many times it is broken."""

    invariant: str
    broken: int


class IntegrityView(BaseModel):
    """Whether the book holds, invariant by invariant."""

    holds: bool
    findings: list[FindingView]


@router.get("/integrity", summary="账本核验 / Check the book", responses=responses(OutOfScope))
async def read_integrity(session: Transaction, who: Caller) -> IntegrityView:
    """Hold the whole book against its invariants."""
    who.require_any("official", "auditor")
    findings = await check_integrity(session)
    return IntegrityView(
        holds=not any(finding.broken for finding in findings),
        findings=[FindingView(invariant=finding.invariant, broken=finding.broken) for finding in findings],
    )
