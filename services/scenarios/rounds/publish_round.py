"""Publish a round."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.bookings.rules import occurrences
from services.scenarios.rounds.rules import Method, RoundInadmissible, check_round, commitment_to
from services.scenarios.rounds.tables import Round
from services.scenarios.spaces.queries import find_space
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Slot:
    """Hours of a space for a season: the first time, how it recurs (RFC 5545), and whose categories come first."""

    space_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    rule: str
    priorities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishRound:
    """Slots that are applied for together."""

    community_code: str
    title: str
    method: Method
    slots: Sequence[Slot]
    opens_at: datetime
    closes_at: datetime
    by: Identity
    now: datetime


async def publish_round(session: AsyncSession, command: PublishRound) -> Round:
    """Publish a round with the digest of its seed; nobody is told the seed before the round is drawn.

    Raises:
        OutOfScope: The caller is no staff of the community.
        RoundInadmissible: It closes too early or too late, a slot ends before it starts, or a space is another
            community's.
        RuleInadmissible: A slot's rule cannot be booked by.
        SpaceUnseen: There is no such space.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    check_round(command.opens_at, command.closes_at, [slot.starts_at for slot in command.slots], command.now)
    for slot in command.slots:
        occurrences(slot.rule, (slot.starts_at, slot.ends_at))
        space = await find_space(session, slot.space_id)
        if slot.ends_at <= slot.starts_at or space.community_code != command.community_code:
            raise RoundInadmissible
    seed = secrets.token_hex(32)
    made = Round(
        community_code=command.community_code,
        title=command.title,
        method=command.method,
        slots=[_kept(slot) for slot in command.slots],
        opens_at=command.opens_at,
        closes_at=command.closes_at,
        seed=seed,
        commitment=commitment_to(seed),
        published_by=command.by.subject,
    )
    session.add(made)
    await session.flush()
    return made


def _kept(slot: Slot) -> dict[str, object]:
    times = {"starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}
    return {**asdict(slot), **times, "space_id": str(slot.space_id), "priorities": list(slot.priorities)}
