"""Ask for a check; the worker carries it out."""

from dataclasses import dataclass

from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.verification.rules import Claimed
from gateway.console.verification.tables import Check
from gateway.sealing import seal


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be checked, for which community, why, and who asks."""

    community_code: str
    claimed: Claimed
    purpose: str
    by: str


async def request_check(session: AsyncSession, wanted: Wanted, *, key: bytes) -> Check:
    """Note a check, due at once; what it asks about is sealed with the key until it is answered.

    Raises:
        IdNumberInvalid: The number can be nobody's.
        SocialCreditCodeInvalid: The code can be nobody's.
    """
    wanted.claimed.check()
    number = await session.scalar(text("SELECT uuidv7()"))
    secret = f"{wanted.claimed.number} {wanted.claimed.name}"
    check = Check(
        id=number,
        community_code=wanted.community_code,
        kind=wanted.claimed.kind,
        about=wanted.claimed.shown(),
        sealed=seal(key, secret, application=f"check:{number}", place=1),
        purpose=wanted.purpose,
        asked_by=wanted.by,
        due_at=func.now(),
    )
    session.add(check)
    await session.flush()
    await session.refresh(check)
    return check
