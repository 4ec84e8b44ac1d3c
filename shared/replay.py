"""For who is called at night: which events became dead letters and why, and their replay after the cause is mended.

`python -m shared.replay points` lists them, `python -m shared.replay points EVENT_ID …` takes them in again; the
worker's own variables say where the database is.
"""

import argparse
import asyncio
import importlib
import sys
import uuid
from collections.abc import Sequence

from sqlalchemy import select

from shared.database import Database
from shared.inbox import DeadLetter, Handler, Inbox
from shared.logging import configure
from shared.settings import WorkerSettings

WORKERS = {
    **{name: f"services.{name}.worker" for name in ("points", "scenarios", "operations")},
    "gateway": "gateway.console.worker",
}


async def waiting(database: Database) -> list[DeadLetter]:
    """Return the dead letters that wait, the oldest first."""
    async with database.transaction() as session:
        letters = select(DeadLetter).where(DeadLetter.replayed_at.is_(None)).order_by(DeadLetter.buried_at)
        return list(await session.scalars(letters))


async def replay(service: str, database: Database, handlers: Sequence[Handler], event_ids: Sequence[uuid.UUID]) -> bool:
    """Take dead letters in again, each in a transaction of its own; tells whether all went well.

    Args:
        service: Its name.
        database: Its database.
        handlers: What the service does with which event.
        event_ids: Which ones; none means all that wait.
    """
    inbox, all_well = Inbox(service, database, handlers), True
    for event_id in event_ids or [letter.event_id for letter in await waiting(database)]:
        try:
            await inbox.replay(event_id)
            print(f"✓ {event_id} 已重放 · replayed")  # noqa: T201 - it talks to a person
        except Exception as error:  # noqa: BLE001 - whatever stops one must not stop the others
            all_well = False
            print(f"✗ {event_id} 仍未成功 · still stopped: {type(error).__name__}: {error}")  # noqa: T201
    return all_well


async def _run(service: str, event_ids: Sequence[uuid.UUID], *, everything: bool) -> int:
    configure(f"{service}-replay", "WARNING")
    settings = WorkerSettings()
    database = Database(settings.database_url.get_secret_value(), name=f"{service}-replay")
    try:
        if event_ids or everything:
            return 0 if await replay(service, database, _handlers(service, settings.cell), event_ids) else 1
        letters = await waiting(database)
        for letter in letters:
            print(f"{letter.event_id}  {letter.buried_at:%Y-%m-%d %H:%M:%S%z}  {letter.topic}  {letter.reason}")  # noqa: T201
        print(f"{service}: {len(letters)} 封死信待处理 · dead letters wait")  # noqa: T201
        return 0
    finally:
        await database.close()


def _handlers(service: str, cell: str) -> Sequence[Handler]:
    """Return what the service's worker does with which event; that of points does more in a cell among others."""
    worker = importlib.import_module(WORKERS[service])
    handlers: Sequence[Handler] = worker.handlers_in(cell) if service == "points" else worker.HANDLERS
    return handlers


def main(arguments: Sequence[str]) -> int:
    """List or replay."""
    parser = argparse.ArgumentParser(prog="./linli replay", description="死信：列出与重放 · dead letters")
    parser.add_argument("service", choices=tuple(WORKERS), help="服务 · which service's")
    parser.add_argument(
        "event_ids", nargs="*", type=uuid.UUID, metavar="EVENT_ID", help="缺省列出 · default: list them"
    )
    parser.add_argument("--all", action="store_true", dest="everything", help="重放全部 · replay all that wait")
    options = parser.parse_args(arguments)
    return asyncio.run(_run(options.service, options.event_ids, everything=options.everything))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
