"""Report something that is to be put right."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import admit_resident
from services.scenarios.communities.queries import require_registered
from services.scenarios.reports.rules import Kind
from services.scenarios.reports.tables import Report
from shared.assistance import OnBehalf
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a resident reports, and where that is."""

    community_code: str
    kind: Kind
    place: str
    text: str
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def file_report(session: AsyncSession, command: FileReport) -> Report:
    """Take a report; staff see it in their queue.

    Raises:
        OutOfScope: The caller is neither the resident, of that community, nor its desk.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        CommunityUnknown: The community does not take part.
    """
    admit_resident(command.community_code, command.on_behalf, command.by)
    await require_registered(session, command.community_code)
    report = Report(
        community_code=command.community_code,
        resident_id=command.on_behalf.resident_id,
        kind=command.kind,
        place=command.place,
        text=command.text,
        reported_at=command.now,
        state="open",
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(report)
    await session.flush()
    return report
