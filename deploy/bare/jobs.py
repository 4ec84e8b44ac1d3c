"""Programs that run once and must succeed before the platform starts: migrations, reference data."""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.bare.child import end, spawn
from deploy.bare.errors import LaunchError
from deploy.bare.logs import tail
from deploy.bare.places import ROOT
from deploy.bare.processes import Platform
from deploy.bare.provision import DATABASES

LOG_TAIL_LINES = 25


async def run_module(arguments: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
    """Run a Python module to its end.

    Args:
        arguments: The module and its arguments.
        environment: Its whole environment.
        log: Where its output goes.

    Raises:
        LaunchError: It failed; the message has the end of its log.
    """
    process = await spawn(
        [sys.executable, "-m", *arguments],
        environment=environment,
        folder=ROOT,
        log=log,
        death_signal=signal.SIGKILL,
    )
    try:
        code = await process.wait()
    finally:  # Ctrl-C while it runs
        if process.returncode is None:
            await end(process, politely=signal.SIGTERM, patience_s=5)
    if code != 0:
        lines = "\n".join(f"    {line}" for line in tail(log, LOG_TAIL_LINES))
        raise LaunchError(f"{' '.join(arguments)} 失败（{code}） · failed ({code})\n  {log}:\n{lines}")


async def migrate(platform: Platform) -> None:
    """Bring every database to the newest schema.

    Args:
        platform: Where the databases are.

    Raises:
        LaunchError: A migration failed; the database is as it was before that migration.
    """
    results = await asyncio.gather(
        *(
            run_module(
                ["alembic", "-n", service, "upgrade", "heads"],
                environment=platform.owner_environment(service),
                log=platform.places.logs / f"{service}-migrate.log",
            )
            for service in DATABASES
        ),
        return_exceptions=True,  # let the others come to a clean end before one of them is reported
    )
    for failure in results:
        if failure is not None:
            raise failure


async def load_reference_data(platform: Platform) -> None:
    """Load the communities; what is there already stays.

    Args:
        platform: Where the databases are.

    Raises:
        LaunchError: They could not be loaded.
    """
    await run_module(
        ["services.operations.communities.load"],
        environment=platform.application_environment("operations"),
        log=platform.places.logs / "operations-load.log",
    )
