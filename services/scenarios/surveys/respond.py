"""Answer a survey."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.surveys.admit_answers import Respond, admit_answers, record_answers
from services.scenarios.surveys.rules import EnterOnPaperTwice
from services.scenarios.surveys.tables import Response


async def respond(session: AsyncSession, command: Respond) -> Response:
    """Take a resident's answers, once.

    Raises:
        EnterOnPaperTwice: They come from paper.
        Refusal: Those of `admit_answers`.
        AlreadyResponded: The resident has answered, by this or another channel.
    """
    if command.on_behalf.channel == "paper":
        raise EnterOnPaperTwice
    return await record_answers(session, await admit_answers(session, command), command)
