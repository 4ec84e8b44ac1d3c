"""Takes in all that happens, and keeps what some data set tells of."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import columns
from shared.inbox import Received

_KEEP = text("""
    INSERT INTO exchange_record (event_id, type, community_code, occurred_at, data)
    SELECT event_id, type, area, CAST(body->>'time' AS timestamptz), body->'data'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:areas AS text[]), CAST(:bodies AS jsonb[]))
         WITH ORDINALITY AS told (event_id, type, area, body, place)
    WHERE EXISTS (
        SELECT FROM setting WHERE kind = 'data-set' AND document->>'event' = type
        AND starts_with(area, document->>'prefix') AND document->>'share' <> 'not-shared'
    )
    ORDER BY place ON CONFLICT DO NOTHING
""")


async def keep_messages(session: AsyncSession, messages: Sequence[Received]) -> None:
    """Keep each message that a data set in force tells of, in whose area it happened."""
    rows = [(one.event_id, one.type, one.data["community_code"], one.message.value.decode("utf-8")) for one in messages]
    await session.execute(_KEEP, columns("ids types areas bodies", rows))
