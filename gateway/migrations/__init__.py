"""The migrations of the gateway, and the tables they are compared with."""

from gateway.base import Base
from gateway.console.applications.tables import ApplicationSecret
from gateway.console.changes.tables import Change, Setting
from gateway.console.consents.tables import ConsentGiven
from gateway.console.devices.tables import Device, DeviceEvent
from gateway.console.exchange.tables import ExchangeRecord, Provision
from gateway.console.privacy_requests.tables import PrivacyRequest
from gateway.console.providers.tables import Debarred, Listed
from gateway.console.verification.tables import Check
from gateway.console.webhooks.tables import Delivery
from gateway.tables import Allowance, AuditSeal, Nonce, Quota, Revision

TABLES = (
    Allowance,
    ApplicationSecret,
    AuditSeal,
    Change,
    ConsentGiven,
    Check,
    Debarred,
    Delivery,
    Device,
    DeviceEvent,
    ExchangeRecord,
    Listed,
    Nonce,
    PrivacyRequest,
    Provision,
    Quota,
    Revision,
    Setting,
)
METADATA = Base.metadata
