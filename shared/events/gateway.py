"""What the gateway tells: what devices report."""

import uuid
from typing import ClassVar

from shared.clock import Moment
from shared.events import Event


class DeviceEventReported(Event):
    """A device told of something, or of its status; what it measured stays with the gateway."""

    type: ClassVar[str] = "gateway.device-event-reported.v1"

    device_id: uuid.UUID
    catalogue_id: str
    event_id: uuid.UUID
    kind: str
    status: str | None = None
    occurred_at: Moment

    @property
    def key(self) -> str:
        """What the order is kept for: the device."""
        return str(self.device_id)


class ErasureRequested(Event):
    """A resident is to be erased, in each service by its own verb, and each answers with its `ResidentErased`."""

    type: ClassVar[str] = "gateway.erasure-requested.v1"

    request_id: uuid.UUID
    resident_id: uuid.UUID
    asked_by: str
    asked_at: Moment

    @property
    def key(self) -> str:
        """Order is kept per resident."""
        return str(self.resident_id)
