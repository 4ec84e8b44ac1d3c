"""Export a book: its sealed records as JSON lines that anybody can check."""

import base64
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.proof.queries import window_of, windows
from services.points.proof.rules import GENESIS, VERSION, canonical, leaf_hash, linked
from services.points.proof.tables import Seal


async def export_book(session: AsyncSession, community_code: str) -> AsyncIterator[bytes]:
    """Yield the lines of a book up to its last seal; `verifier/books.py` reads them.

    The same book gives the same bytes wherever it is: after an import too.
    """
    yield _line({"format": "linli-book", "version": VERSION, "community_code": community_code})
    head, written, number = GENESIS, 0, 0
    async for seal, records in windows(session, community_code):
        lines = []
        for record in records:
            head = linked(head, [leaf_hash(record.leaf)])
            lines.append(b'{"chain":"%s","record":%s}\n' % (head.hex().encode(), record.leaf))
        yield b"".join(lines) + _line(signed(seal))
        written, number = written + len(records), seal.number
    yield _line({"end": {"records": written, "windows": number}})


def signed(seal: Seal) -> dict[str, Any]:
    """Return a seal as it is published: what it states, and the signature in base64."""
    return {"seal": window_of(seal).stated(), "signature": base64.b64encode(seal.signature).decode()}


def _line(value: dict[str, Any]) -> bytes:
    return canonical(value) + b"\n"
