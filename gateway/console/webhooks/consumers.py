"""Takes in all that happens, and notes who is to be told of it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import columns
from shared.inbox import Received

_NOTE = text("""
    INSERT INTO delivery (subscription, application, event_id, type, body, due_at)
    SELECT name, document->>'application', event_id, type, body, now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:areas AS text[]), CAST(:bodies AS text[]))
         AS told (event_id, type, area, body)
    JOIN setting ON kind = 'subscription' AND document->'types' ? type AND starts_with(area, document->>'prefix')
    ON CONFLICT DO NOTHING
""")


async def note_messages(session: AsyncSession, messages: Sequence[Received]) -> None:
    """Note each message for each subscription to its type, in whose area it happened."""
    rows = [(one.event_id, one.type, one.data["community_code"], one.message.value.decode("utf-8")) for one in messages]
    await session.execute(_NOTE, columns("ids types areas bodies", rows))
