"""Reads about work: what waits for staff, by deadline."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

# Each kind of work is what its record lacks; who does the work where it belongs has thereby ticked it off (减负).
# Where no promise names a deadline: an appeal within 7 days, a stage of a case within 30, a count within a day of the
# close, a need list within 14, a report within 3, what the city refused of one within a day, a dispute over help within
# 7 (assumed).
_WORK = text("""
    SELECT * FROM (
        SELECT 'answer' AS kind, c.id, c.answer_due_at AS due_at, m.title,
               '/motions/' || c.motion_id || '/contributions/' || c.id || '/answer' AS path
        FROM contribution c JOIN motion m ON m.community_code = c.community_code AND m.id = c.motion_id
        WHERE c.community_code = :code AND NOT EXISTS (
            SELECT FROM answer a WHERE a.community_code = c.community_code AND a.contribution_id = c.id)
        UNION ALL
        SELECT 'booking-request', b.id, b.expires_at, s.name, '/bookings/' || b.id || '/decision'
        FROM booking b JOIN space s ON s.community_code = b.community_code AND s.id = b.space_id
        WHERE b.community_code = :code AND b.state = 'requested' AND b.expires_at > :now
        UNION ALL
        SELECT 'appeal', n.id, n.appealed_at + interval '7 days', n.appeal,
               '/no-shows/' || n.id || '/decision'
        FROM no_show n WHERE n.community_code = :code AND n.appealed_at IS NOT NULL AND n.decided_at IS NULL
        UNION ALL
        SELECT 'iteration-case', i.id,
               coalesce((SELECT max(t.given_at) FROM iteration_step t
                         WHERE t.community_code = i.community_code AND t.case_id = i.id), i.opened_at)
               + interval '30 days', s.name || ' · ' || i.stage, '/iteration-cases/' || i.id || '/steps'
        FROM iteration_case i JOIN space s ON s.community_code = i.community_code AND s.id = i.space_id
        WHERE i.community_code = :code AND i.stage <> 'closed'
        UNION ALL
        SELECT 'count', p.motion_id, p.closes_at + interval '1 day', m.title, '/motions/' || p.motion_id || '/count'
        FROM poll p JOIN motion m ON m.community_code = p.community_code AND m.id = p.motion_id
        WHERE p.community_code = :code AND m.stage = 'vote' AND p.closes_at <= :now AND p.result IS NULL
        UNION ALL
        SELECT 'need-list', v.id, v.closes_at + interval '14 days', v.title, '/surveys/' || v.id || '/needs'
        FROM survey v
        WHERE v.community_code = :code AND v.kind = 'demand' AND v.closes_at <= :now
          AND NOT EXISTS (SELECT FROM need n WHERE n.community_code = v.community_code AND n.survey_id = v.id)
          AND EXISTS (SELECT FROM response r WHERE r.community_code = v.community_code AND r.survey_id = v.id)
        UNION ALL
        SELECT DISTINCT 'second-entry', CAST(md5(e.survey_id || '/' || e.resident_id) AS uuid), v.closes_at, v.title,
               '/surveys/' || e.survey_id || '/paper-entries'
        FROM paper_entry e JOIN survey v ON v.community_code = e.community_code AND v.id = e.survey_id
        WHERE e.community_code = :code AND v.closes_at > :now AND NOT EXISTS (
            SELECT FROM response r WHERE r.community_code = e.community_code AND r.survey_id = e.survey_id
               AND r.resident_id = e.resident_id)
        UNION ALL
        SELECT 'emergency-task', t.id, t.due_at,
               CASE t.kind WHEN 'supplies' THEN t.kind || ' · ' || t.subject ELSE t.kind END,
               '/emergency-tasks/' || t.id || '/completion'
        FROM emergency_task t JOIN emergency e ON e.community_code = t.community_code AND e.id = t.emergency_id
        WHERE t.community_code = :code AND t.done_at IS NULL AND e.ended_at IS NULL
        UNION ALL
        SELECT 'report', r.id, r.reported_at + interval '3 days', r.kind || ' · ' || r.place,
               '/reports/' || r.id || '/resolution'
        FROM report r WHERE r.community_code = :code AND r.state = 'open'
        UNION ALL
        SELECT 'help', v.id, v.starts_at + interval '7 days', 'help · ' || coalesce(v.posted, v.state),
               '/help-visits/' || v.id || '/corrections'
        FROM help_visit v WHERE v.community_code = :code AND (v.state = 'disputed' OR v.posted <> 'done')
        UNION ALL
        SELECT 'hand-over', r.id, h.handed_at + interval '1 day', r.kind || ' · ' || coalesce(h.refusal, h.notes, ''),
               '/reports/' || r.id || '/hand-over'
        FROM hand_over h JOIN report r ON r.community_code = h.community_code AND r.id = h.report_id
        WHERE h.community_code = :code AND r.state = 'handed-over' AND h.state = 'refused'
    ) work
    WHERE (due_at, id) > (:after_at, :after_id)
    ORDER BY due_at, id LIMIT :most
""")
FIRST = (datetime.fromisoformat("2000-01-01T00:00:00+00:00"), uuid.UUID(int=0))


async def list_work(
    session: AsyncSession, community_code: str, now: datetime, after: tuple[datetime, uuid.UUID], most: int
) -> Sequence[Row[Any]]:
    """Return what waits for a community's staff after a place in the queue, the most urgent first."""
    given = {"code": community_code, "now": now, "after_at": after[0], "after_id": after[1], "most": most}
    return (await session.execute(_WORK, given)).all()
