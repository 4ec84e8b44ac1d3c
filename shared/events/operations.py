"""What operations tells: which communities take part, and who may serve them."""

import uuid
from datetime import date, datetime
from typing import ClassVar, Literal

from shared.events import Event


class CommunityRegistered(Event):
    """A community takes part from now on."""

    type: ClassVar[str] = "operations.community-registered.v1"

    name: str


class CommunityProfiled(Event):
    """What a community is like from now on: its kind of project, tier, people, households and square metres."""

    type: ClassVar[str] = "operations.community-profiled.v1"

    revision: int
    project_type: Literal["integrated", "partly_rebuilt", "rebuilt", "new_built", "whole_area"]
    tier: Literal["basic", "model", "leading"]
    population: int
    households: int
    area_m2: int


class ProviderListed(Event):
    """A provider 服务提供商 is on the white list 白名单 and may serve this community."""

    type: ClassVar[str] = "operations.provider-listed.v1"

    provider_id: uuid.UUID
    kind: Literal["operator", "merchant"]
    name: str


class ProviderDebarred(Event):
    """A provider is on the black list 黑名单, everywhere: it may not serve, nor be paid in points, from `effective_at`.

    Its end, by its term or otherwise, is told by `ProviderRestored`.
    """

    type: ClassVar[str] = "operations.provider-debarred.v1"

    provider_id: uuid.UUID
    basis: str
    effective_at: datetime
    ends_at: datetime | None = None
    running_contracts: Literal["continue", "suspend", "terminate"] = "continue"


class ProviderRestricted(Event):
    """A provider is on the black list 黑名单 in an area, a scene or both, from `effective_at`.

    An empty `area` stands for all areas, an empty `scene` for all scenes; not both are empty.
    """

    type: ClassVar[str] = "operations.provider-restricted.v1"

    provider_id: uuid.UUID
    area: str
    scene: str
    basis: str
    effective_at: datetime
    ends_at: datetime | None = None
    running_contracts: Literal["continue", "suspend", "terminate"] = "continue"


class ProviderRestored(Event):
    """A provider is off the black list again, in the scope in which it was on it; both are empty for everywhere."""

    type: ClassVar[str] = "operations.provider-restored.v1"

    provider_id: uuid.UUID
    area: str
    scene: str
    ground: Literal["decision", "appeal", "rehabilitation", "term"]
    effective_at: datetime


class SpaceEntrusted(Event):
    """A space is run by a provider from one day to another, by a sealed contract 以场地换服务."""

    type: ClassVar[str] = "operations.space-entrusted.v1"

    space_id: uuid.UUID
    provider_id: uuid.UUID
    starts_on: date
    ends_on: date


class PointsFunded(Event):
    """How many points this community's fund could pay merchants for, out of its pots that are set up for points."""

    type: ClassVar[str] = "operations.points-funded.v1"

    points: int
    funded_at: datetime


class ResidentErased(Event):
    """What this service held of a resident is erased, as a request wanted it; whose it was is not told again."""

    type: ClassVar[str] = "operations.resident-erased.v1"

    request_id: uuid.UUID

    @property
    def key(self) -> str:
        """Order is kept per request."""
        return str(self.request_id)
