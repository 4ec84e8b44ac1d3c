"""A fund of 东江 with money in it."""

from services.operations.fund.earmark import Earmark, earmark
from services.operations.fund.move import Movement
from services.operations.fund.open_fund import Opening, open_fund
from services.operations.fund.receive import receive
from services.operations.fund.rules import TIERS_USUAL
from shared.database import Database
from tests.operations.ground import DONGJIANG, NOW, take_part

OPENING = Opening(DONGJIANG, 100, TIERS_USUAL, by="staff:wang", now=NOW)
POT = Earmark(DONGJIANG, "points", "积分结算", ["points"])


def receipt(amount_fen: int, pot: str = "points", reference: str = "bank:1") -> Movement:
    return Movement(
        community_code=DONGJIANG,
        from_account="@outside",
        to_account=pot,
        amount_fen=amount_fen,
        reference=reference,
        memo="街道补助",
        moved_at=NOW,
        moved_by="staff:wang",
    )


async def funded(database: Database, amount_fen: int) -> None:
    """Open a fund with a pot for points and one for anything, each with money in it."""
    await take_part(database, DONGJIANG)
    async with database.transaction() as session:
        await open_fund(session, OPENING)
        await earmark(session, POT)
        await earmark(session, Earmark(DONGJIANG, "general", "一般资金", []))
        await receive(session, receipt(amount_fen))
        await receive(session, receipt(amount_fen, "general", "bank:2"))
