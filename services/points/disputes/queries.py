"""Reads of what is disputed."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.disputes.rules import OPENS, DisputeUnknown, Leg
from services.points.disputes.tables import Dispute
from services.points.ledger.rules import AccountKind, AccountName
from shared.identity import Identity

LISTED_MAX = 200

# A purchase between communities stands in two books under one kind and reference: that of the payer is found by it.
_FIND = text("""
    SELECT t.community_code, t.asset_class, t.kind, t.reference, r.payer_community
    FROM transfer t LEFT JOIN redemption r ON r.community_code = t.community_code AND r.redemption_id = t.transfer_id
    WHERE t.transfer_id = :transfer_id
""")
_LEGS = text("""
    SELECT t.community_code, a.kind, a.owner, sum(one.amount)::bigint AS still
    FROM transfer t
    CROSS JOIN LATERAL (
        SELECT account_id, amount FROM entry
        WHERE entry.community_code = t.community_code AND entry.transfer_id = t.transfer_id
        UNION ALL
        SELECT account_id, amount FROM transfer back JOIN entry USING (community_code, transfer_id)
        WHERE back.community_code = t.community_code AND back.reverses = t.transfer_id
    ) AS one
    JOIN account a ON a.community_code = t.community_code AND a.account_id = one.account_id
    WHERE t.community_code = ANY(CAST(:codes AS text[])) AND t.kind = :kind AND t.reference = :reference
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


async def find_transfer(session: AsyncSession, transfer_id: uuid.UUID) -> Row[Any] | None:
    """Return community, class, kind and reference of a transfer, and the payer's community of a purchase."""
    return (await session.execute(_FIND, {"transfer_id": transfer_id})).one_or_none()


async def legs_of(session: AsyncSession, codes: Collection[str], kind: str, reference: str) -> list[Leg]:
    """Return what still stands of what was posted under a kind and a reference in the books of these communities."""
    rows = await session.execute(_LEGS, {"codes": sorted(codes), "kind": kind, "reference": reference})
    return [Leg(code, AccountName(AccountKind(kind), owner), still) for code, kind, owner, still in rows]


async def get_dispute(session: AsyncSession, dispute_id: uuid.UUID, who: Identity) -> Dispute:
    """Return a dispute to who opened it, or to staff of its community, locked until the transaction ends.

    Raises:
        DisputeUnknown: There is none that this caller may see.
    """
    dispute = await session.scalar(select(Dispute).where(Dispute.dispute_id == dispute_id).with_for_update())
    if dispute is None or not (who.subject == dispute.opened_by or who.holds(dispute.community_code, *OPENS)):
        raise DisputeUnknown(dispute_id=dispute_id)
    return dispute


async def disputes_in(session: AsyncSession, community_code: str) -> Sequence[Dispute]:
    """Return a community's disputes, the newest first, at most LISTED_MAX."""
    found = select(Dispute).where(Dispute.community_code == community_code)
    return (await session.scalars(found.order_by(Dispute.opened_at.desc()).limit(LISTED_MAX))).all()


async def disputes_by(session: AsyncSession, opened_by: str) -> Sequence[Dispute]:
    """Return what somebody disputes, the newest first, at most LISTED_MAX."""
    found = select(Dispute).where(Dispute.opened_by == opened_by)
    return (await session.scalars(found.order_by(Dispute.opened_at.desc()).limit(LISTED_MAX))).all()
