"""Take a step of a visit, as one of its two sides: come, leave, confirm, dispute, cancel."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import admit_resident
from services.scenarios.attendance.rules import check_code
from services.scenarios.timebank.note_step import Step, note_step
from services.scenarios.timebank.queries import lock_visit, parties
from services.scenarios.timebank.rules import (
    HelpUnseen,
    Part,
    StepKind,
    count_quarters,
    require_state,
    require_time,
)
from services.scenarios.timebank.tables import HelpVisit
from services.scenarios.timebank.tell_confirmed import tell_confirmed
from shared.assistance import OnBehalf
from shared.events.scenarios import HelpCancelled
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class TakeStep:
    """A step of one side; who gives the help shows, to come and to leave, the code that who gets it was told."""

    visit_id: uuid.UUID
    step: StepKind
    on_behalf: OnBehalf
    by: Identity
    now: datetime
    code: str | None = None
    reason: str | None = None


async def take_step(session: AsyncSession, command: TakeStep) -> HelpVisit:
    """Take a step, which stands on the trail from then on.

    Raises:
        HelpUnseen: There is no such visit, or the resident has no part in it, or not this one.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        HelpElsewhere: The visit does not stand where this follows.
        OutsideVisit: It is too early or too late to check in.
        WrongCode: The code is not the visit's.
    """
    visit = await lock_visit(session, command.visit_id)
    part = parties(visit).part_of(command.on_behalf.resident_id)
    if part is None:
        raise HelpUnseen(help_id=str(command.visit_id))
    admit_resident(visit.community_code, command.on_behalf, command.by)
    await STEPS[command.step](session, visit, part, command)
    assisted = command.on_behalf.recorded(command.by.subject)
    by, now = command.by.subject, command.now
    step = Step(f"{command.step}:{part}", by, now, assisted, quarters=visit.quarters, reason=command.reason)
    await note_step(session, visit, step)
    if visit.state == "confirmed":
        await tell_confirmed(session, visit)
    return visit


async def _check_in(_: AsyncSession, visit: HelpVisit, part: Part, command: TakeStep) -> None:
    _require_giver(part, visit, command)
    require_state(visit.state, "pledged")
    require_time(command.now, visit.starts_at)
    visit.state, visit.checked_in_at = "started", command.now


async def _check_out(_: AsyncSession, visit: HelpVisit, part: Part, command: TakeStep) -> None:
    _require_giver(part, visit, command)
    require_state(visit.state, "started")
    came = visit.checked_in_at or command.now
    visit.state, visit.checked_out_at = "ended", command.now
    visit.quarters = count_quarters(came, command.now, visit.agreed_quarters)


async def _confirm(_: AsyncSession, visit: HelpVisit, part: Part, command: TakeStep) -> None:
    require_state(visit.state, "ended")
    if part == "giver":
        visit.giver_confirmed_at = visit.giver_confirmed_at or command.now
    else:
        visit.receiver_confirmed_at = visit.receiver_confirmed_at or command.now
    if visit.giver_confirmed_at and visit.receiver_confirmed_at:
        visit.state = "confirmed"


async def _dispute(_: AsyncSession, visit: HelpVisit, __: Part, ___: TakeStep) -> None:
    require_state(visit.state, "ended")
    visit.state = "disputed"


async def _cancel(session: AsyncSession, visit: HelpVisit, _: Part, __: TakeStep) -> None:
    require_state(visit.state, "pledging", "pledged", "started")
    visit.state = "cancelled"
    if visit.payer_id:
        told = HelpCancelled(
            community_code=visit.community_code, visit_id=visit.id, giver_id=visit.giver_id, payer_id=visit.payer_id
        )
        await publish(session, told)


def _require_giver(part: Part, visit: HelpVisit, command: TakeStep) -> None:
    if part != "giver":
        raise HelpUnseen(help_id=str(visit.id))
    check_code(command.code, visit.code, itself=True)


STEPS: dict[StepKind, Callable[[AsyncSession, HelpVisit, Part, TakeStep], Awaitable[None]]] = {
    "check-in": _check_in,
    "check-out": _check_out,
    "confirm": _confirm,
    "dispute": _dispute,
    "cancel": _cancel,
}
