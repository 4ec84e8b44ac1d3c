"""What the cockpit measures."""

from typing import Literal

Measure = Literal["points_redeemed", "attendances", "bookings"]
"""Points that merchants took, residents who took part, spaces that were booked."""
