"""Write off: points that were granted in error go back where they came from, as two persons have decided."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.rules import DeedUnknown
from services.points.earning.tables import Deed
from services.points.ledger.post import post
from services.points.ledger.rules import ISSUER, AssetClass, PostTransfer, TransferKind, resident
from shared.errors import unless_refused


@dataclass(frozen=True, slots=True)
class WriteOff:
    """Of what a deed has earned, how many points are taken back; `reference` names the write-off once and for all."""

    community_code: str
    activity: str
    deed: str
    reference: str
    points: int


async def write_off(session: AsyncSession, command: WriteOff, *, now: datetime) -> None:
    """Take back points out of the lots that they were granted into. The budget stays as it was spent.

    Raises:
        DeedUnknown: There is no such deed.
        MoreThanPosted: The deed has earned less, or was taken back before.
        NotEnoughPoints: The resident has spent them, or they are held.
    """
    deed = await session.get(Deed, (command.community_code, command.activity, command.deed))
    if deed is None:
        raise DeedUnknown(activity=command.activity, reference=command.deed)
    back = PostTransfer(
        command.community_code,
        AssetClass(deed.asset_class),
        TransferKind.REVERSE,
        command.reference,
        ((resident(deed.resident_id), -command.points), (ISSUER, command.points)),
        reverses=(TransferKind.EARN, f"{command.activity}:{command.deed}"),
    )
    [outcome] = await post(session, [[back]], now=now)
    unless_refused(outcome)
