"""Check the chain: every sealed window of every book against its records, the window before it and its signature."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.proof.queries import Record, window_of, windows
from services.points.proof.rules import BrokenSealError, SealedWindow, check_window, is_signed
from services.points.proof.tables import Seal

FITS, SIGNED, COMPLETE = "seals_fit_their_records", "seals_are_signed", "nothing_is_left_unsealed"

_COMMUNITIES = text("SELECT DISTINCT community_code FROM seal ORDER BY community_code")
# The sealer has been beyond these, and yet they are in no window: they came in behind it.
_PASSED_BY = text("""
    WITH sealed AS (SELECT community_code, max(below_xid) AS below_xid FROM seal GROUP BY community_code),
    everywhere AS (SELECT max(below_xid) AS below_xid FROM seal)
    SELECT community_code, id FROM (
        SELECT community_code, transfer_id AS id, xid FROM transfer
        UNION ALL SELECT community_code, refusal_id, xid FROM refusal
        UNION ALL SELECT community_code, command_id, xid FROM hold_command
    ) AS record LEFT JOIN sealed USING (community_code), everywhere
    WHERE xid < everywhere.below_xid AND (sealed.below_xid IS NULL OR xid >= sealed.below_xid)
    ORDER BY community_code, id
""")


async def check_chain(session: AsyncSession, keys: Sequence[str]) -> dict[str, list[str]]:
    """Hold all seals against the book as it is.

    Args:
        session: Reads one window after the other; a book of any length fits.
        keys: The public keys that are trusted, in PEM.

    Returns:
        What is broken, by the rule that it breaks: `community/window`, or `community/record`.
    """
    broken: dict[str, list[str]] = {FITS: [], SIGNED: [], COMPLETE: []}
    for community_code in (await session.scalars(_COMMUNITIES)).all():
        async for rule, window in _unfit(windows(session, community_code), keys):
            broken[rule].append(f"{community_code}/{window}")
    broken[COMPLETE] = [f"{row.community_code}/{row.id}" for row in await session.execute(_PASSED_BY)]
    return broken


async def _unfit(book: AsyncIterator[tuple[Seal, list[Record]]], keys: Sequence[str]) -> AsyncIterator[tuple[str, int]]:
    before: SealedWindow | None = None
    async for seal, records in book:
        window = window_of(seal)
        try:
            check_window(before, window, [record.leaf for record in records])
        except BrokenSealError:
            yield FITS, window.number
        if not any(is_signed(window.statement(), seal.signature, key) for key in keys):
            yield SIGNED, window.number
        before = window
