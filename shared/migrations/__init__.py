"""Alembic's environment for all services, and the migrations of the platform's own tables."""

from shared.database import PlatformBase
from shared.erasure import ErasureDue
from shared.idempotency import IdempotencyRecord
from shared.inbox import DeadLetter, InboxRow
from shared.lease import LeaseRow
from shared.log.postgres import CursorRow
from shared.outbox import OutboxRow
from shared.relay import ShippedRow

PLATFORM_TABLES = (CursorRow, DeadLetter, ErasureDue, IdempotencyRecord, InboxRow, LeaseRow, OutboxRow, ShippedRow)
"""Named here so that Alembic sees them all."""
PLATFORM_METADATA = PlatformBase.metadata
