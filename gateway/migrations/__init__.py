"""The migrations of the gateway, and the tables they are compared with."""

from gateway.base import Base
from gateway.console.applications.tables import ApplicationSecret
from gateway.console.changes.tables import Change, Setting
from gateway.console.providers.tables import Debarred
from gateway.tables import Nonce, Revision

TABLES = (ApplicationSecret, Change, Debarred, Nonce, Revision, Setting)
METADATA = Base.metadata
