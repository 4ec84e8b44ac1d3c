"""Act for a resident: the desk gives, with the resident's consent, a command that the resident could give itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.accounts.queries import held_by, spendable
from services.points.assistance.carry_out import CarryOut, carry_out
from services.points.assistance.queries import read_today
from services.points.assistance.rules import Moving, Saying, check_limits
from services.points.assistance.speak_for import SpeakFor, speak_for
from services.points.assistance.tables import AssistedAct
from services.points.vouchers.rules import VoucherKey
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.clock import local_day
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class ActFor:
    """What is done for whom, in the book of which community, and by whom; `cell` and `key` are as in `CarryOut`."""

    community_code: str
    asked: Moving | Saying
    on_behalf: OnBehalf
    by: Identity
    cell: str
    key: VoucherKey
    now: datetime


async def act_for(session: AsyncSession, command: ActFor) -> tuple[AssistedAct, str | None]:
    """Do what the desk asks for a resident, and note how it came; returns it with the code of an invitation, if any.

    Only the book of the desk's own community is touched: what the resident has elsewhere is for the desk there.

    Raises:
        OutOfScope: The caller is not the desk of the community.
        ChannelNotAllowed: Somebody would assist itself.
        ConsentMissing: No consent is on record.
        AssistedLimitReached: The desk may do no more for this resident, or this clerk, today.
        Refusal: The resident could not do it itself (see `carry_out`, `speak_for`).
    """
    resident_id, code, by = command.on_behalf.resident_id, command.community_code, command.by
    by.require(code, *DESK_ROLES)
    admit(command.on_behalf, by=by.subject, at_desk=True, area=code)
    today = await read_today(session, resident_id, by.subject, command.now)
    if isinstance(command.asked, Moving):
        moved = CarryOut(resident_id, code, command.asked, command.cell, command.key)
        done = await carry_out(session, moved, now=command.now)
    else:
        done = await speak_for(session, SpeakFor(resident_id, code, command.asked), now=command.now)
    check_limits(today, done.points)
    held = await held_by(session, resident_id, command.now)
    act = AssistedAct(
        community_code=code,
        resident_id=resident_id,
        asked=command.asked.model_dump(mode="json", exclude={"appeal"}),  # said once, where it belongs
        points=done.points,
        left=sum(spendable(one, local_day(command.now)) for one in held if one.community_code == code),
        reference=done.reference,
        acted_at=command.now,
        **command.on_behalf.recorded(by.subject),
    )
    session.add(act)
    await session.flush()
    return act, done.code
