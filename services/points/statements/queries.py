"""Reads of an account's entries and of its balance at any time: all by the key that orders them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import BookAccount
from services.points.statements.rules import AFTER_ALL, BEFORE_ALL, Place, id_after

_ACCOUNT = text("""
    SELECT account_id, floor IS NOT NULL AS keeps_balance FROM account
    WHERE community_code = :code AND asset_class = :asset_class AND owner = :owner
""")
# The page first, then what belongs to it, row by row: so that the page costs the same wherever it lies.
_LISTED = """
    SELECT e.transfer_id, e.leg, t.kind, t.reference, t.posted_at, t.occurred_at, l.activity, l.expires_on, e.amount,
           e.balance_after
    FROM (
        SELECT * FROM entry
        WHERE community_code = :code AND account_id = :account_id
          AND (transfer_id, leg) {beyond} (CAST(:transfer_id AS uuid), CAST(:leg AS smallint))
        ORDER BY transfer_id {order}, leg {order} LIMIT :most
    ) AS e
    CROSS JOIN LATERAL (
        SELECT kind, reference, posted_at, occurred_at FROM transfer
        WHERE transfer_id = e.transfer_id AND community_code = e.community_code LIMIT 1
    ) AS t
    LEFT JOIN LATERAL (
        SELECT activity, expires_on FROM lot
        WHERE community_code = e.community_code AND lot_id = e.lot_id LIMIT 1
    ) AS l ON true
"""
_NEWEST_FIRST = text(_LISTED.format(beyond="<", order="DESC"))
_OLDEST_FIRST = text(_LISTED.format(beyond=">", order="ASC"))
_KEPT = text("""
    SELECT balance_after FROM entry
    WHERE community_code = :code AND account_id = :account_id AND transfer_id < :before
    ORDER BY transfer_id DESC, leg DESC LIMIT 1
""")
_SUMMED = text("""
    WITH folded AS (
        SELECT transfer_id, leg, balance FROM fold
        WHERE community_code = :code AND account_id = :account_id AND transfer_id < :before
        ORDER BY transfer_id DESC, leg DESC LIMIT 1
    )
    SELECT coalesce((SELECT balance FROM folded), 0) + coalesce(sum(amount), 0)::bigint FROM entry
    WHERE community_code = :code AND account_id = :account_id AND transfer_id < :before
      AND (transfer_id, leg) > (coalesce((SELECT transfer_id FROM folded), '00000000-0000-0000-0000-000000000000'),
                                coalesce((SELECT leg FROM folded), -1))
""")


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """An entry as its owner reads it; `balance_after` is None for an account that keeps none."""

    transfer_id: uuid.UUID
    leg: int
    kind: str
    reference: str
    posted_at: datetime
    occurred_at: datetime | None
    activity: str | None
    expires_on: date | None
    amount: int
    balance_after: int | None


async def entries_of(
    session: AsyncSession, account: BookAccount, *, beyond: Place | None, newest_first: bool, most: int
) -> Sequence[StatementEntry]:
    """Return at most `most` entries of an account, in either order, those beyond a place; none if it is not open."""
    found = (await session.execute(_ACCOUNT, _named(account))).one_or_none()
    if found is None:
        return []
    transfer_id, leg = beyond or (AFTER_ALL if newest_first else BEFORE_ALL)
    bound = {"code": account[0], "account_id": found.account_id, "transfer_id": transfer_id, "leg": leg, "most": most}
    rows = await session.execute(_NEWEST_FIRST if newest_first else _OLDEST_FIRST, bound)
    entries = [StatementEntry(*row) for row in rows]
    return sorted(entries, key=lambda entry: (entry.transfer_id, entry.leg), reverse=newest_first)


async def balance_at(session: AsyncSession, account: BookAccount, moment: datetime) -> int:
    """Return the balance of an account after all that was posted up to the millisecond of a moment."""
    found = (await session.execute(_ACCOUNT, _named(account))).one_or_none()
    if found is None:
        return 0
    bound = {"code": account[0], "account_id": found.account_id, "before": id_after(moment)}
    return await session.scalar(_KEPT if found.keeps_balance else _SUMMED, bound) or 0


def _named(account: BookAccount) -> dict[str, str]:
    code, asset_class, name = account
    return {"code": code, "asset_class": asset_class, "owner": name.owner}
