"""What the gateway is told, as one value: read whole, put in force between two calls, kept while its source is away."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy import or_, select, text

from gateway.audit import Audit
from gateway.cells import Cell
from gateway.console.applications.tables import ApplicationSecret
from gateway.console.changes.rules import difference
from gateway.console.changes.tables import Change, Setting
from gateway.console.providers.tables import Debarred, Listed
from gateway.limits import GRABBING, Limit
from gateway.registry import (
    KINDS,
    ROLE_OF_CLASS,
    Application,
    CellServices,
    Document,
    OperationLimit,
    Switch,
    subject_of,
)
from gateway.routes import ROUTES
from gateway.sandbox import Application as SandboxApplication
from gateway.sealing import unseal
from shared.database import Database
from shared.identity import Identity, Role

LOOK_EVERY_S = 0.5
LOOK_TIMEOUT_S = 2.0
AGE = Gauge("linli_gateway_configuration_age_seconds", "Since the gateway's database last confirmed what is in force")
REVISION = Gauge("linli_gateway_configuration_revision", "Which revision is in force")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an application holds for one operation, in one area, for a time, and the data it sees unmasked."""

    role: Role
    until: datetime | None
    level: str


@dataclass(frozen=True, slots=True)
class Known:
    """An application as the door knows it.

    Attributes:
        name: Its access key.
        subject: Who it is to the services.
        secrets: Those that live; none or one or two.
        dialects: In which it may sign; none means any.
        grants: By operation; what is not there is denied.
        live_until: When it stops, if ever.
        calls_per_day_max: Its quota, if any.
        calls_per_month_max: Its quota, if any.
        consent_version: Of the notice that residents must have agreed to, if its purpose takes that.
    """

    name: str
    subject: str
    secrets: tuple[bytes, ...]
    dialects: frozenset[str]
    grants: Mapping[str, tuple[Held, ...]]
    live_until: datetime | None = None
    calls_per_day_max: int | None = None
    calls_per_month_max: int | None = None
    consent_version: int | None = None

    def identity(self, operation: str, now: datetime) -> Identity:
        """Return who it is for this operation: it has the roles of its live grants, perhaps none."""
        return Identity(self.subject, tuple(each.role for each in self._live(operation, now)))

    def level(self, operation: str, now: datetime) -> str:
        """Return up to which level it sees an operation's answer unmasked."""
        return max((each.level for each in self._live(operation, now)), default="L1")

    def _live(self, operation: str, now: datetime) -> list[Held]:
        return [each for each in self.grants.get(operation, ()) if each.until is None or now < each.until]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is in force.

    Attributes:
        revision: Which; 0 before the first was read.
        applications: By access key; those that may not call are not there.
        stopped: The switches that stop something, by their names.
        posts: What accounts of 浙政钉 and of companies may do, by subject.
        limits: What one caller may do of an operation, where that is limited beside its class.
        cells: By the prefix of the area that each serves.
    """

    revision: int = 0
    applications: Mapping[str, Known] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()
    posts: Mapping[str, Document] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=lambda: GRABBING)
    cells: Mapping[str, Cell] = field(default_factory=dict)


def of_sandbox(application: SandboxApplication) -> Known:
    """Let a sandbox application call what its roles open; nobody in a sandbox is real."""
    roles = application.identity().roles
    grants = {
        route.operation: tuple(Held(role, None, "L2") for role in roles if role.role in route.roles) for route in ROUTES
    }
    secret = application.secret.get_secret_value().encode()
    return Known(application.access_key, application.subject, (secret,), frozenset(), grants)


def _known(name: str, application: Application, secrets: tuple[bytes, ...], until: datetime) -> Known:
    role = ROLE_OF_CLASS[application.kind]
    grants: dict[str, tuple[Held, ...]] = {}
    for grant in application.grants:
        held = Held(Role(role, grant.prefix), grant.until, grant.level)
        grants[grant.operation] = (*grants.get(grant.operation, ()), held)
    return Known(
        name,
        subject_of(name),
        secrets,
        frozenset(application.dialects),
        grants,
        until,
        application.calls_per_day_max,
        application.calls_per_month_max,
        application.consent_version,
    )


def _told(change: Change) -> dict[str, Any]:
    names = (
        "id",
        "kind",
        "name",
        "reason",
        "at_once",
        "proposed_by",
        "proposed_at",
        "verdict",
        "decided_by",
        "decided_at",
    )
    facts = {name if name != "kind" else "document": getattr(change, name) for name in names}
    return {**facts, "difference": difference(change.before, change.after)}


class Configuration:
    """Keeps the snapshot in force the newest.

    Attributes:
        current: What is in force. A call takes it once and goes by it to its end.
    """

    def __init__(self, database: Database, key: bytes, sandbox: list[SandboxApplication], audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._changes_seen: set[tuple[uuid.UUID, str | None]] = set()
        self._key = key
        self._sandbox = {each.access_key: of_sandbox(each) for each in sandbox}
        self._confirmed_at = time.monotonic()
        self.current = Snapshot(applications=self._sandbox)

    async def follow(self) -> None:
        """Look for a newer revision until cancelled; what cannot be read leaves what is in force as it is."""
        while True:
            await self.try_to_look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def try_to_look(self) -> None:
        """Look once; a failure is logged and shows in the age."""
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                await self.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the door goes on with what it knows
            log.warning("configuration not confirmed", error=repr(error), revision=self.current.revision)
        AGE.set(time.monotonic() - self._confirmed_at)

    async def look(self) -> None:
        """Read what is in force, if it is newer than what we have.

        Raises:
            ValueError: A document or a secret cannot be read; what is in force stays.
        """
        async with self._database.autocommit() as connection:
            number = await connection.scalar(text("SELECT number FROM revision"))
        if number != self.current.revision:
            newer = await self._read()
            await self._note_changes()  # first: what cannot be told of is not in force, and is read again
            self.current = newer
            REVISION.set(number)
            log.info("configuration in force", revision=self.current.revision)
        self._confirmed_at = time.monotonic()

    async def _read(self) -> Snapshot:
        async with self._database.transaction() as session:
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            number: int = await session.scalar(text("SELECT number FROM revision"))
            settings = (await session.scalars(select(Setting).where(Setting.document.is_not(None)))).all()
            sealed = (await session.scalars(select(ApplicationSecret))).all()
            debarred = {row.provider_id: row.debarred_from for row in await session.scalars(select(Debarred))}
            listed = set(await session.scalars(select(Listed.provider_id)))
        documents: dict[str, dict[str, Document]] = {kind: {} for kind in KINDS}
        for setting in settings:
            documents[setting.kind][setting.name] = KINDS[setting.kind].model_validate(setting.document)
        applications = {
            name: _known(name, each, self._secrets(name, sealed), until)
            for name, each in documents["application"].items()
            if isinstance(each, Application) and (until := each.may_call_until(listed, debarred))
        }
        limits = GRABBING | {
            name: Limit(name.replace('"', ""), each.per_s, each.burst)
            for name, each in documents["limit"].items()
            if isinstance(each, OperationLimit)
        }
        stopped = {n for n, switch in documents["switch"].items() if isinstance(switch, Switch) and switch.stopped}
        cells = {
            name: Cell(name, {str(service): url for service, url in each.services.items()})
            for name, each in documents["cell"].items()
            if isinstance(each, CellServices)
        }
        applications = {**self._sandbox, **applications}
        return Snapshot(number, applications, frozenset(stopped), documents["post"], limits, cells)

    async def _note_changes(self) -> None:
        """Write each change of what is in force, and who made it, into the chain of this replica's audit."""
        in_force = or_(Change.verdict == "approved", Change.at_once)
        async with self._database.transaction() as session:
            changes = await session.scalars(select(Change).where(in_force).order_by(Change.id))
        for change in changes:
            if (change.id, change.verdict) not in self._changes_seen:
                self._changes_seen.add((change.id, change.verdict))
                self._audit.note("change", _told(change))

    def _secrets(self, name: str, sealed: Any) -> tuple[bytes, ...]:  # noqa: ANN401 - rows
        return tuple(
            unseal(self._key, each.sealed, application=name, place=each.place).encode()
            for each in sealed
            if each.application == name
        )
