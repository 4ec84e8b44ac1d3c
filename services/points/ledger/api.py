"""The audit of the book."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.points.ledger.queries import EXAMPLES_MAX, check_integrity
from services.points.proof.check_chain import check_chain
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["账本核验 integrity"])


class FindingView(BaseModel):
    """An invariant, how many times it is broken, and the keys of some that break it."""

    invariant: str
    broken: int
    examples: list[str]


class IntegrityView(BaseModel):
    """Whether the book holds, invariant by invariant."""

    holds: bool
    findings: list[FindingView]


@router.get("/integrity", summary="账本核验 / Check the book", responses=responses(OutOfScope))
async def read_integrity(request: Request, session: Transaction, who: Caller) -> IntegrityView:
    """Hold all books against their invariants and their seals."""
    who.require_any("official", "auditor")
    findings = [
        FindingView(invariant=one.invariant, broken=one.broken, examples=list(one.examples))
        for one in await check_integrity(session)
    ]
    for rule, broken in (await check_chain(session, request.app.state.seal_keys)).items():
        findings.append(FindingView(invariant=rule, broken=len(broken), examples=broken[:EXAMPLES_MAX]))
    return IntegrityView(holds=not any(finding.broken for finding in findings), findings=findings)
