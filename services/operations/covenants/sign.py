"""Sign a covenant for one side; with both it is in force."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.covenants import queries
from services.operations.covenants.rules import CovenantState, Side, check_signature
from services.operations.covenants.tables import CovenantSignature


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs which covenant for which side."""

    community_code: str
    covenant_id: uuid.UUID
    side: Side
    by: str
    now: datetime


async def sign(session: AsyncSession, command: Signature) -> None:
    """Sign a covenant.

    Raises:
        CovenantUnseen: There is none.
        SignatureRefused: It takes no such signature.
    """
    covenant = await queries.covenant(session, command.community_code, command.covenant_id, hold=True)
    signed = await queries.signatures(session, covenant)
    last = check_signature(cast("CovenantState", covenant.state), signed, command.side, command.by)
    session.add(
        CovenantSignature(
            community_code=command.community_code,
            covenant_id=command.covenant_id,
            side=command.side,
            signed_at=command.now,
            signed_by=command.by,
        )
    )
    if last:
        covenant.state = "in_force"
    await session.flush()
