"""The points API and PostgreSQL are killed while single deeds are written in groups, and each is there once."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import cycle, islice

import asyncpg
import httpx
import pytest

from deploy.bare.credentials import load_credentials
from deploy.demo.callers import callers
from deploy.load.crowd import deed_of
from deploy.load.town import lay_out
from shared.identity import HEADER, Identity, IdentitySigner, Role
from tests.faults.killing import kill
from tests.platform import RunningPlatform, running_platform

BIN = Identity("application:bins", (Role("device", "330102"),))
CLIENTS = 32
CALM_S = 0.5
RETRY_S = 0.1
PASSING = {503, 504}


@pytest.fixture(scope="module")
async def platform() -> AsyncIterator[RunningPlatform]:
    """Bring a platform up; which event log it has is of no matter here."""
    async with running_platform("postgres") as running:
        yield running


@dataclass
class Bins:
    """Devices that register deeds, and try each again under its key until they are answered.

    Attributes:
        acknowledged: What each deed was answered, by its key, which is its reference too.
        others: What was answered instead, by status or error.
    """

    http: httpx.AsyncClient
    signer: IdentitySigner
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    sent: dict[str, dict[str, object]] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    resting: asyncio.Event = field(default_factory=asyncio.Event)

    async def register(self) -> None:
        """Register one deed after the other until told to rest; the last is answered too."""
        while not self.resting.is_set():
            deed = deed_of(uuid.uuid4())
            key = str(deed["reference"])
            self.sent[key] = deed
            self.acknowledged[key] = await self.until_answered(key)

    async def until_answered(self, key: str) -> bytes:
        """Send a deed until it is answered, and return the answer."""
        while True:
            answer = await self.post(key)
            if answer is not None and answer.status_code == httpx.codes.CREATED:
                return answer.content
            await asyncio.sleep(RETRY_S)

    async def post(self, key: str) -> httpx.Response | None:
        """Send a deed; None when the line went dead."""
        headers = {HEADER: self.signer.sign(BIN, "points", now=time.time()), "Idempotency-Key": key}
        try:
            answer = await self.http.post("/deeds", json=self.sent[key], headers=headers)
        except httpx.TransportError as error:
            self.others[type(error).__name__] += 1
            return None
        if answer.status_code not in {httpx.codes.CREATED, *PASSING}:
            self.others[f"{answer.status_code} {answer.text}"] += 1
            raise AssertionError(answer.text)
        return answer


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.nightly)])
async def test_kill_9_while_groups_are_written_loses_no_acknowledged_deed_and_adds_no_other(
    platform: RunningPlatform, kills: int
) -> None:
    async with httpx.AsyncClient(base_url=platform.url, timeout=15) as gateway:
        await lay_out(callers(gateway, platform.sandbox), 1)
    signer = IdentitySigner(load_credentials(platform.places.secrets).identity_private_key)
    url = f"http://127.0.0.1:{platform.options.ports['points-api']}"
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=15, limits=limits) as http:
        bins = Bins(http, signer)
        writing = [asyncio.create_task(bins.register()) for _ in range(CLIENTS)]
        for victim in islice(cycle(("points-api", "postgres")), kills):
            await asyncio.sleep(CALM_S)
            await kill(platform, victim)
        bins.resting.set()
        await asyncio.gather(*writing)
        await all_stand_once(platform, bins)


async def all_stand_once(platform: RunningPlatform, bins: Bins) -> None:
    """Hold what was acknowledged against what is there, and each key against its answer.

    Raises:
        AssertionError: They differ.
    """
    connection = await asyncpg.connect(platform.admin_dsn("linli_points"))
    references = list(bins.sent)
    there = await connection.fetch("SELECT reference FROM deed WHERE reference = ANY ($1::text[])", references)
    posted = await connection.fetchval(
        "SELECT count(*) FROM transfer WHERE split_part(reference, ':', 2) = ANY ($1::text[])", references
    )
    told = await connection.fetchval(
        "SELECT count(*) FROM outbox WHERE data ->> 'resident_id' = ANY ($1::text[])",
        [str(deed["resident_id"]) for deed in bins.sent.values()],
    )
    await connection.close()
    assert sorted(row["reference"] for row in there) == sorted(bins.acknowledged), f"{bins.others}"
    assert (posted, told) == (len(references), len(references))
    for key, answer in bins.acknowledged.items():
        again = await bins.post(key)
        assert again is not None
        assert (again.content, again.headers["Idempotency-Replayed"]) == (answer, "true")
