"""Who is signed on at the portal, and which applications they look after."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from starlette.requests import Request

from gateway.console.applications.make_secret import Wanted, make_secret, retire_secret
from gateway.console.applications.tables import ApplicationSecret
from gateway.console.changes.tables import Setting
from gateway.console.webhooks.replay_delivery import Replay, replay_delivery
from gateway.console.webhooks.tables import Delivery
from gateway.refusals import BadToken
from gateway.registry import Application
from gateway.routes import ADMINISTRATOR
from gateway.sandbox import Sandbox
from gateway.tokens import TokenVerifier
from shared.database import Database
from shared.identity import Identity

COOKIE = "linli_portal"
PERIODS_SHOWN = 40
DELIVERIES_SHOWN = 50
_USED = text("SELECT key, used FROM quota WHERE key LIKE :name || ' %' ORDER BY key DESC LIMIT :most")


class Key(NamedTuple):
    """A live secret, without the secret."""

    place: int
    made_at: datetime
    made_by: str


class Kept(NamedTuple):
    """An application as its developers see it: what is registered, keys, calls by day and month, last deliveries."""

    name: str
    registered: Application
    keys: Sequence[Key]
    used: Sequence[tuple[str, int]]
    deliveries: Sequence[Delivery]


class Portal:
    """What the portal's pages stand on.

    Attributes:
        sandbox: Who may log in on this machine to try things out.
    """

    def __init__(self, database: Database, tokens: TokenVerifier, sandbox: Sandbox, key: bytes) -> None:
        self._database = database
        self._tokens = tokens
        self._key = key
        self.sandbox = sandbox

    async def visitor(self, request: Request) -> Identity | None:
        """Return who is signed on, if anybody is.

        Raises:
            IssuerAway: Whether the token is good cannot be told.
        """
        return await self.identity_of(request.cookies.get(COOKIE, ""))

    async def identity_of(self, token: str) -> Identity | None:
        """Return who an access token speaks of; nobody when it is not good.

        Raises:
            IssuerAway: Whether it is cannot be told.
        """
        try:
            return (await self._tokens.verify(token, writes=True)).identity
        except BadToken:
            return None

    async def applications(self, who: Identity) -> list[tuple[str, Application]]:
        """List the applications that somebody looks after; an administrator looks after all."""
        rows = (
            select(Setting).where(Setting.kind == "application", Setting.document.is_not(None)).order_by(Setting.name)
        )
        async with self._database.transaction() as session:
            found = (await session.scalars(rows)).all()
        known = [(each.name, Application.model_validate(each.document)) for each in found]
        everything = any(held.role == ADMINISTRATOR for held in who.roles)
        return [(name, each) for name, each in known if everything or who.subject in each.developers]

    async def kept(self, who: Identity, name: str) -> Kept | None:
        """Return one of somebody's applications; nothing when it is not theirs."""
        registered = dict(await self.applications(who)).get(name)
        if registered is None:
            return None
        rows = select(ApplicationSecret).where(ApplicationSecret.application == name).order_by(ApplicationSecret.place)
        async with self._database.transaction() as session:
            keys = [Key(each.place, each.made_at, each.made_by) for each in await session.scalars(rows)]
            used = (await session.execute(_USED, {"name": name, "most": PERIODS_SHOWN})).all()
            told = select(Delivery).where(Delivery.application == name).order_by(Delivery.id.desc())
            deliveries = (await session.scalars(told.limit(DELIVERIES_SHOWN))).all()
        return Kept(name, registered, keys, [(key.removeprefix(f"{name} "), count) for key, count in used], deliveries)

    async def make_key(self, who: Identity, name: str) -> str:
        """Return a new secret of an application.

        Raises:
            BothPlacesTaken: Two live already.
        """
        async with self._database.transaction() as session:
            return (await make_secret(session, Wanted(name, who.subject, datetime.now(UTC)), key=self._key))[1]

    async def retire_key(self, name: str, place: int) -> None:
        """Let a secret be good for nothing.

        Raises:
            SecretUnseen: There is none in this place.
        """
        async with self._database.transaction() as session:
            await retire_secret(session, name, place)

    async def replay(self, name: str, delivery_id: uuid.UUID) -> None:
        """Have an event told to an application once more.

        Raises:
            DeliveryUnseen: There is no such delivery to it.
        """
        async with self._database.transaction() as session:
            await replay_delivery(session, Replay(delivery_id, name))
