"""Carry out the checks that are due: claim them, ask outside of any transaction, note what came of it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import func, text, update

from gateway.console.verification.client import TIMEOUT_S, DataSharing, PlatformAwayError, PlatformRefusedError
from gateway.console.verification.rules import Claimed, judge, pause_after
from gateway.console.verification.tables import Check
from gateway.sealing import unseal
from shared.database import Database

CLAIMED_FOR = timedelta(seconds=60)
"""If we end while we ask, the check is due again after this time."""
BATCH = 20
NOT_CONNECTED = "未接入数据共享平台 / no data-sharing platform is connected (LINLI_DATA_SHARING)"

log = structlog.get_logger()

_CLAIM = text("""
    UPDATE verification SET due_at = now() + :claimed_for, attempts = attempts + 1
    WHERE id IN (SELECT id FROM verification WHERE due_at <= now() ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id, community_code, kind, sealed, attempts
""")


class Checks:
    """Carries out what is due.

    Args:
        key: Opens what is asked about.
        platform: Who is asked; none means that nothing is connected, and all is given up.
    """

    def __init__(self, key: bytes, platform: DataSharing | None) -> None:
        self._key = key
        self._platform = platform

    async def run(self, database: Database) -> None:
        """Carry out all that is due now."""
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S) as http:
            while claimed := await self._claim(database):
                await asyncio.gather(*(self._carry_out(database, http, one) for one in claimed))

    async def _claim(self, database: Database) -> Sequence[Check]:
        async with database.transaction() as session:
            rows = await session.execute(_CLAIM, {"claimed_for": CLAIMED_FOR, "most": BATCH})
            return [Check(**row) for row in rows.mappings()]

    async def _carry_out(self, database: Database, http: httpx.AsyncClient, one: Check) -> None:
        facts = await self._ask(http, one)
        if facts["due_at"] is None:
            facts["sealed"] = None
        async with database.transaction() as session:
            # Whom the claim was taken over from has nothing more to say.
            still = (Check.id == one.id, Check.attempts == one.attempts, Check.due_at.is_not(None))
            await session.execute(update(Check).where(*still).values(**facts))
        log.info("check", check_id=str(one.id), kind=one.kind, result=facts.get("result"))

    async def _ask(self, http: httpx.AsyncClient, one: Check) -> dict[str, Any]:
        if self._platform is None or one.sealed is None:
            return {"due_at": None, "last_fault": NOT_CONNECTED}
        opened = unseal(self._key, one.sealed, application=f"check:{one.id}", place=1)
        number, _, name = opened.partition(" ")
        claimed = Claimed(one.kind, name, number)  # type: ignore[arg-type] # the column holds no other
        try:
            found = await self._platform.ask(http, claimed.kind, claimed.asked())
        except PlatformRefusedError as error:
            return {"due_at": None, "last_fault": str(error)}
        except PlatformAwayError as error:
            pause = pause_after(one.attempts)
            return {"due_at": func.now() + pause if pause is not None else None, "last_fault": str(error)}
        return {
            "due_at": None,
            "result": judge(claimed, one.community_code, found.records),
            "answered_at": func.now(),
            "request_id": found.request_id,
            "last_fault": None,
        }
