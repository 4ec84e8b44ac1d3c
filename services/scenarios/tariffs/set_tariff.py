"""Say what a space costs."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.spaces.queries import find_space
from services.scenarios.tariffs.rules import Tariff
from services.scenarios.tariffs.tables import TariffRow
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class SetTariff:
    """A space's tariff."""

    space_id: uuid.UUID
    tariff: Tariff
    by: Identity


async def set_tariff(session: AsyncSession, command: SetTariff) -> Tariff:
    """Set a tariff, or another instead; what is being paid goes on at the price that it began with.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is neither the operator nor an official of the community.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, "operator", "official")
    tariff = command.tariff
    values = {
        "fen_per_hour": tariff.fen_per_hour,
        "fen_cap": tariff.fen_cap,
        "points_per_hour": tariff.points_per_hour,
        "points_cap": tariff.points_cap,
        "free_for": sorted(tariff.free_for),
        "set_by": command.by.subject,
    }
    await put(session, TariffRow, {"community_code": space.community_code, "space_id": space.id}, values)
    return tariff
