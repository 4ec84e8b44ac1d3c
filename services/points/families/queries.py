"""Reads of bonds."""

import uuid
from collections.abc import Sequence
from typing import cast

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.rules import REVERSED, Bond, BondState, BondUnseen, Relation
from services.points.families.tables import FamilyBond

NOBODY = uuid.UUID(int=0)


def state_of(row: FamilyBond) -> BondState:
    """Return where a bond stands."""
    if row.ended_at:
        return "ended"
    return "bound" if row.attested_at else "consented" if row.consented_at else "invited"


def seen_by(row: FamilyBond, resident_id: uuid.UUID) -> Bond:
    """Return a bond as one of the two sees it."""
    relation = cast("Relation", row.relation)
    if row.inviter_id == resident_id:
        return Bond(row.invitee_id or NOBODY, relation)
    return Bond(row.inviter_id, REVERSED[relation])


async def bonds_of(session: AsyncSession, resident_id: uuid.UUID) -> Sequence[FamilyBond]:
    """Return a resident's bonds that have not ended, the oldest first."""
    rows = select(FamilyBond).where(
        or_(FamilyBond.inviter_id == resident_id, FamilyBond.invitee_id == resident_id), FamilyBond.ended_at.is_(None)
    )
    return (await session.scalars(rows.order_by(FamilyBond.bond_id))).all()


async def hold_persons(session: AsyncSession, *residents: uuid.UUID) -> None:
    """Have others who change a bond of these residents wait until the transaction ends."""
    for one in sorted(residents):
        await session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"family {one}"}
        )


async def hold_bond(session: AsyncSession, bond_id: uuid.UUID) -> FamilyBond:
    """Return a bond, which others leave alone until the transaction ends.

    Raises:
        BondUnseen: There is none.
    """
    row = await session.scalar(select(FamilyBond).where(FamilyBond.bond_id == bond_id).with_for_update())
    if row is None:
        raise BondUnseen(bond_id=bond_id)
    return row


async def hold_own_bond(session: AsyncSession, bond_id: uuid.UUID, resident_id: uuid.UUID) -> FamilyBond:
    """Return a resident's bond, which others leave alone until the transaction ends.

    Raises:
        BondUnseen: There is none, or the resident is neither of the two.
    """
    bond = await hold_bond(session, bond_id)
    if resident_id not in {bond.inviter_id, bond.invitee_id}:
        raise BondUnseen(bond_id=bond_id)
    return bond
