"""Takes in all that happens, and notes who is to be told of it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.consents.rules import residents_in
from shared.database import columns
from shared.inbox import Received

_NOTE = text("""
    INSERT INTO delivery (subscription, application, event_id, type, body, due_at)
    SELECT s.name, s.document->>'application', event_id, type, body, now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:areas AS text[]), CAST(:bodies AS text[]),
         CAST(:residents AS text[])) AS told (event_id, type, area, body, residents)
    JOIN setting s
        ON s.kind = 'subscription' AND s.document->'types' ? type AND starts_with(area, s.document->>'prefix')
    LEFT JOIN setting a ON a.kind = 'application' AND a.name = s.document->>'application'
    WHERE a.document->>'consent_version' IS NULL OR NOT EXISTS (
        SELECT FROM unnest(CAST(residents AS uuid[])) AS named (resident_id)
        WHERE NOT coalesce((
            SELECT is_given AND version = CAST(a.document->>'consent_version' AS bigint) FROM consent
            WHERE consent.resident_id = named.resident_id AND application = a.name
            ORDER BY number DESC LIMIT 1), false))
    ON CONFLICT DO NOTHING
""")


async def note_messages(session: AsyncSession, messages: Sequence[Received]) -> None:
    """Note each message for each subscription to its type, in whose area it happened.

    An application whose purpose takes residents' consent is told of those who gave it.
    """
    rows = [
        (
            one.event_id,
            one.type,
            one.data["community_code"],
            one.message.value.decode("utf-8"),
            f"{{{','.join(map(str, residents_in(one.data)))}}}",
        )
        for one in messages
    ]
    await session.execute(_NOTE, columns("ids types areas bodies residents", rows))
