"""Post: the one way in which points move, a batch at a time."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from services.points.batches.rules import admissible, decide
from services.points.ledger.open_accounts import open_accounts
from services.points.ledger.read_standing import read_standing
from services.points.ledger.rules import Outcome, Posting, PostTransfer
from services.points.ledger.write_posted import AsRead, write_posted
from shared.errors import Refusal

REFERENCE_ONCE = ("pk_transfer", "pk_hold")

_REFUSED = text("""
    INSERT INTO refusal (community_code, asset_class, kind, reference, asked, reason, facts)
    SELECT community_code, asset_class, kind, reference, asked, reason, facts
    FROM jsonb_to_recordset(CAST(:refused AS jsonb)) AS new (community_code text, asset_class text, kind text,
        reference text, asked jsonb, reason text, facts jsonb)
""")
REFUSED = "refused"  # in a session's info: what of it is to be written with its commit


async def post(session: AsyncSession, postings: Sequence[Posting], *, now: datetime) -> list[Outcome]:
    """Post a batch, and answer each of its postings exactly as if they had come one by one.

    One that is refused leaves the record of its refusal and, perhaps, an account without entries; those beside it are
    posted.

    Args:
        session: The transaction at whose commit they take effect.
        postings: The postings in the order of arrival.
        now: The ledger's time, for what has expired. A hold that a batch has seen over stays over, whatever time a
            later one comes with: it is closed under the lock of its account.
    """
    if not postings:
        return []
    commands = [command for posting in postings for command in posting]
    named = {command.account(name) for command in commands if admissible(command) for name, _ in command.amounts}
    ids = await open_accounts(session, named)
    while True:
        standing = await read_standing(session, commands, ids, now=now)
        as_read = AsRead.of(standing)
        outcomes = decide(postings, standing)
        posted = [one for outcome in outcomes if isinstance(outcome, list) for one in outcome]
        try:
            async with session.begin_nested():
                await write_posted(session, posted, standing, as_read)
        except IntegrityError as error:
            if not any(once in str(error.orig) for once in REFERENCE_ONCE):
                raise
        else:
            break
    _remember_refused(session, postings, outcomes)
    return outcomes


def _remember_refused(session: AsyncSession, postings: Sequence[Posting], outcomes: Sequence[Outcome]) -> None:
    """Have what was refused written with the session's commit, a row for each book it concerns.

    A refusal undoes what its request did, up to a savepoint, and yet the request's answer is kept: so these rows are
    written last, when nothing undoes them any more. A transaction that rolls back has refused nothing.
    """
    for posting, outcome in zip(postings, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            if REFUSED not in session.info:
                session.info[REFUSED] = []
                event.listen(session.sync_session, "before_commit", _write_refused)
            session.info[REFUSED] += [_refused(command, outcome) for command in posting]


def _refused(command: PostTransfer, refusal: Refusal) -> dict[str, Any]:
    asked = {name: value for name, value in to_jsonable_python(command).items() if value is not None}
    names = {name: asked.pop(name) for name in ("community_code", "asset_class", "kind", "reference")}
    return {**names, "asked": asked, "reason": refusal.type, "facts": to_jsonable_python(refusal.facts())}


def _write_refused(session: Session) -> None:
    if session.info[REFUSED] and not session.in_nested_transaction():
        session.execute(_REFUSED, {"refused": json.dumps(session.info[REFUSED])})
        session.info[REFUSED] = []
