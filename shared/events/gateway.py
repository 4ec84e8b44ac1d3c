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
