"""What communities owe each other."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from services.points.clearing.queries import positions_of
from shared.areas import CommunityCode
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/clearing", tags=["社区清算 clearing"])


class PositionView(BaseModel):
    """What the community owes another: positive is owed, negative is due to it."""

    counterparty: str
    owed: int
    mirrored: int
    agrees: bool


@router.get("/positions/{community_code}", summary="清算头寸 / Clearing positions", responses=responses(OutOfScope))
async def read_positions(
    community_code: Annotated[CommunityCode, Path()], session: Transaction, who: Caller
) -> list[PositionView]:
    """Show what a community owes, next to what the other book says."""
    who.require(community_code, "official", "operator", "auditor")
    return [
        PositionView(
            counterparty=each.counterparty,
            owed=each.owed,
            mirrored=each.mirrored,
            agrees=each.owed + each.mirrored == 0,
        )
        for each in await positions_of(session, community_code)
    ]
