"""HTTP of reports."""

import uuid

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from services.operations.acceptance.rules import AcceptanceUnseen
from services.operations.reports.write_html import write_html
from services.operations.reports.write_pdf import write_pdf
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.identity import Caller

router = APIRouter(prefix="/acceptances/{code}/{acceptance_id}", tags=["自评报告 reports"])

READERS = ("desk", "operator", "official", "auditor")


@router.get(
    "/report.html",
    response_class=HTMLResponse,
    summary="自评报告（网页） / The self-evaluation report as a page",
    responses=problems.responses(AcceptanceUnseen, OutOfScope),
)
async def get_html_report(
    code: CommunityCode, acceptance_id: uuid.UUID, session: Transaction, who: Caller
) -> HTMLResponse:
    """Get the report as it stands; for the community's staff and auditors."""
    who.require(code, *READERS)
    return HTMLResponse(await write_html(session, code, acceptance_id))


@router.get(
    "/report.pdf",
    response_class=Response,
    summary="自评报告（PDF） / The self-evaluation report as a PDF",
    responses=problems.responses(AcceptanceUnseen, OutOfScope),
)
async def get_pdf_report(code: CommunityCode, acceptance_id: uuid.UUID, session: Transaction, who: Caller) -> Response:
    """Get the report as it stands; for the community's staff and auditors."""
    who.require(code, *READERS)
    return Response(await write_pdf(session, code, acceptance_id), media_type="application/pdf")
