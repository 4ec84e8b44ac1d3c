"""What tests of the proof share: a key, and windows sealed."""

import asyncio
from datetime import datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from services.points.proof.rules import SealingKey
from services.points.proof.seal import seal
from shared.database import Database
from tests.points.book import NOW


def new_private_key() -> str:
    """Make a key that was never used, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


PRIVATE_KEY = new_private_key()
KEY = SealingKey(PRIVATE_KEY)

_UNSEALED = text("""
    SELECT (SELECT count(*) FROM transfer) + (SELECT count(*) FROM refusal) + (SELECT count(*) FROM hold_command)
         - coalesce((SELECT sum(count) FROM seal), 0)
""")


async def seal_now(points: Database, key: SealingKey = KEY, now: datetime = NOW) -> int:
    """Seal what can be sealed now; returns how many records that were."""
    sealed = 0
    while True:
        async with points.transaction() as session:
            some = await seal(session, key, now=now)
        sealed += some
        if not some:
            return sealed


async def seal_all(points: Database, key: SealingKey = KEY, now: datetime = NOW) -> int:
    """Seal until nothing is left, waiting for whatever else is under way on the server; returns how much it was."""
    sealed = 0
    while True:
        sealed += await seal_now(points, key, now)
        async with points.transaction() as session:
            if not await session.scalar(_UNSEALED):
                return sealed
        await asyncio.sleep(0.05)
