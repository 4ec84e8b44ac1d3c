"""Approve a statement: an official of the street signs what it comes to."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.settlements.queries import key_for
from services.points.settlements.rules import (
    STREET_DIGITS,
    ApprovalInvalid,
    SignedFacts,
    StatementClosed,
    check_step,
    state_of,
)
from services.points.settlements.tables import MerchantStatement
from shared.sm2 import fits


def signing_text(statement: MerchantStatement) -> str:
    """Return what is signed."""
    facts = {name: getattr(statement, name) for name in SignedFacts.model_fields}
    return SignedFacts(**facts).canonical()


async def approve_statement(
    session: AsyncSession, statement: MerchantStatement, signature: str, by: str, *, now: datetime
) -> None:
    """Approve a draft, whose row is locked, by a signature with the street's key.

    Raises:
        StatementClosed: It is approved, or the same person drafted it.
        ApprovalInvalid: The signature does not fit, or no key is registered.
    """
    check_step(state_of(approved=statement.approved_by is not None, paid=statement.paid_by is not None), "drafted")
    if statement.drafted_by == by:
        raise StatementClosed(state="drafted by yourself")
    key = await key_for(session, statement.community_code)
    if key is None or not fits(key.key, signing_text(statement), signature):
        raise ApprovalInvalid(area=statement.community_code[:STREET_DIGITS])
    statement.approved_by, statement.approved_at = by, now
    statement.key, statement.signature = key.key, signature
    await session.flush()
