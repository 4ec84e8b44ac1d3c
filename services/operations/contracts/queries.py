"""Reads of contracts."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.rules import ContractUnseen
from services.operations.contracts.tables import Contract


async def get(session: AsyncSession, contract_id: uuid.UUID) -> Contract:
    """Return a contract.

    Raises:
        ContractUnseen: There is none.
    """
    contract = await session.scalar(select(Contract).where(Contract.id == contract_id))
    if contract is None:
        raise ContractUnseen(contract_id=str(contract_id))
    return contract
