"""Set a pot up for certain purposes 专款专用."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund import queries
from services.operations.fund.rules import PotExists, Purpose
from services.operations.fund.tables import FundAccount


@dataclass(frozen=True, slots=True)
class Earmark:
    """A pot and what it may serve; without purposes anything."""

    community_code: str
    code: str
    name: str
    purposes: Sequence[Purpose]


async def earmark(session: AsyncSession, command: Earmark) -> None:
    """Set up a pot.

    Raises:
        FundUnseen: The community has no fund.
        PotExists: It has an account of this code.
    """
    await queries.fund(session, command.community_code)
    made = await session.scalar(
        insert(FundAccount)
        .values(
            community_code=command.community_code,
            code=command.code,
            kind="pot",
            name=command.name,
            purposes=list(command.purposes),
        )
        .on_conflict_do_nothing()
        .returning(FundAccount.code)
    )
    if made is None:
        raise PotExists(pot=command.code)
