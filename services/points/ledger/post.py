"""Post: the one way in which points move, a batch at a time."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from services.points.ledger.open_accounts import open_accounts
from services.points.ledger.rules import (
    AccountKind,
    BookAccount,
    Holding,
    Outcome,
    Posted,
    Posting,
    PostTransfer,
    Standing,
    Wallet,
    decide,
)
from shared.errors import Refusal

REFERENCE_ONCE = "uq_transfer_community_code_kind_reference"

Ids = Mapping[BookAccount, uuid.UUID]
Row = tuple[Any, ...]

_LOCK = text("""
    SELECT account_id, balance
    FROM unnest(CAST(:codes AS text[]), CAST(:account_ids AS uuid[])) AS held (community_code, account_id)
    JOIN account USING (community_code, account_id)
    ORDER BY community_code, account_id FOR NO KEY UPDATE OF account
""")
# What is left in the locked accounts, and a lot for each credit: the one that there is, or the id of a new one.
_LOTS = text("""
    SELECT account_id, lot_id, activity, expires_on, earned, remaining
    FROM unnest(CAST(:codes AS text[]), CAST(:account_ids AS uuid[])) AS held (community_code, account_id)
    JOIN lot USING (community_code, account_id) WHERE remaining > 0
    UNION
    SELECT account_id, coalesce(lot_id, uuidv7()), activity, expires_on, coalesce(earned, 0), coalesce(remaining, 0)
    FROM unnest(CAST(:new_codes AS text[]), CAST(:new_account_ids AS uuid[]), CAST(:activities AS text[]),
                CAST(:expire_on AS date[])) AS new (community_code, account_id, activity, expires_on)
    LEFT JOIN lot USING (community_code, account_id, activity, expires_on)
""")
_REFERENCES = text("""
    SELECT place, uuidv7() AS new_id, transfer_id IS NOT NULL AS posted
    FROM unnest(CAST(:codes AS text[]), CAST(:kinds AS text[]), CAST(:references AS text[]))
        WITH ORDINALITY AS asked (community_code, kind, reference, place)
    LEFT JOIN transfer USING (community_code, kind, reference)
    ORDER BY place
""")
# One statement, so that a reference that was posted meanwhile undoes all of it. Transfers come in an order that all
# keep: who waits for a reference holds only lesser ones. What is set here of accounts and lots was read under the lock.
_WRITE = text("""
    WITH posted AS (
        INSERT INTO transfer (community_code, transfer_id, asset_class, kind, reference)
        SELECT * FROM unnest(
            CAST(:codes AS text[]), CAST(:transfer_ids AS uuid[]), CAST(:classes AS text[]), CAST(:kinds AS text[]),
            CAST(:references AS text[])) AS new (community_code, transfer_id, asset_class, kind, reference)
        ORDER BY community_code, kind, reference
    ), entered AS (
        INSERT INTO entry (community_code, transfer_id, leg, account_id, asset_class, amount, balance_after)
        SELECT * FROM unnest(
            CAST(:entry_codes AS text[]), CAST(:entry_transfer_ids AS uuid[]), CAST(:entry_legs AS smallint[]),
            CAST(:entry_account_ids AS uuid[]), CAST(:entry_classes AS text[]), CAST(:entry_amounts AS bigint[]),
            CAST(:entry_balances AS bigint[]))
    ), filled AS (
        INSERT INTO lot (community_code, account_id, lot_id, activity, expires_on, earned, remaining)
        SELECT * FROM unnest(
            CAST(:lot_codes AS text[]), CAST(:lot_account_ids AS uuid[]), CAST(:lot_ids AS uuid[]),
            CAST(:lot_activities AS text[]), CAST(:lot_expire_on AS date[]), CAST(:lot_earned AS bigint[]),
            CAST(:lot_remaining AS bigint[]))
        ON CONFLICT (community_code, lot_id) DO UPDATE SET earned = excluded.earned, remaining = excluded.remaining
    ), moved AS (
        INSERT INTO lot_move (community_code, transfer_id, lot_id, amount)
        SELECT * FROM unnest(
            CAST(:move_codes AS text[]), CAST(:move_transfer_ids AS uuid[]), CAST(:move_lot_ids AS uuid[]),
            CAST(:move_amounts AS bigint[]))
    )
    UPDATE account SET balance = new.balance
    FROM unnest(CAST(:wallet_codes AS text[]), CAST(:wallet_account_ids AS uuid[]), CAST(:wallet_balances AS bigint[]))
        AS new (community_code, account_id, balance)
    WHERE account.community_code = new.community_code AND account.account_id = new.account_id
""")

_REFUSED = text("""
    INSERT INTO refusal (community_code, asset_class, kind, reference, asked, reason, facts)
    SELECT community_code, asset_class, kind, reference, asked, reason, facts
    FROM jsonb_to_recordset(CAST(:refused AS jsonb)) AS new (community_code text, asset_class text, kind text,
        reference text, asked jsonb, reason text, facts jsonb)
""")
REFUSED = "refused"  # in a session's info: what of it is to be written with its commit


async def post(session: AsyncSession, postings: Sequence[Posting], *, today: date) -> list[Outcome]:
    """Post a batch, and answer each of its postings exactly as if they had come one by one.

    One that is refused leaves the record of its refusal and, perhaps, an account without entries; those beside it are
    posted.

    Args:
        session: The transaction at whose commit they take effect.
        postings: The postings in the order of arrival.
        today: The ledger's day, for what has expired.
    """
    if not postings:
        return []
    commands = [command for posting in postings for command in posting]
    named = {command.account(name) for command in commands for name, _ in command.amounts}
    ids = await open_accounts(session, named)
    while True:
        standing = await _read(session, commands, ids)
        outcomes = decide(postings, standing, today)
        posted = [one for outcome in outcomes if isinstance(outcome, list) for one in outcome]
        if not posted:
            break
        try:
            async with session.begin_nested():
                await session.execute(_WRITE, _written(posted, ids, standing))
        except IntegrityError as error:
            if REFERENCE_ONCE not in str(error.orig):
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
    asked = to_jsonable_python(command)
    names = {name: asked.pop(name) for name in ("community_code", "asset_class", "kind", "reference")}
    return {**names, "asked": asked, "reason": refusal.type, "facts": to_jsonable_python(refusal.facts())}


def _write_refused(session: Session) -> None:
    if session.info[REFUSED] and not session.in_nested_transaction():
        session.execute(_REFUSED, {"refused": json.dumps(session.info[REFUSED])})
        session.info[REFUSED] = []


async def _read(session: AsyncSession, commands: Posting, ids: Ids) -> Standing:
    """Lock, in the order of their ids, the accounts that can refuse, and read what they are to be judged by."""
    held = {account: account_id for account, account_id in ids.items() if account[2].kind is AccountKind.RESIDENT}
    keys = {"codes": [code for code, _, _ in held], "account_ids": list(held.values())}
    locked = {row.account_id: row.balance for row in await session.execute(_LOCK, keys)}
    wallets = {account_id: Wallet(account_id, balance, {}) for account_id, balance in locked.items()}
    for account_id, *lot in await session.execute(_LOTS, {**keys, **_credits(commands, ids)}):
        wallets[account_id].lots[lot[0]] = Holding(*lot)
    references = list({command.known_as: None for command in commands})
    found = (await session.execute(_REFERENCES, _columns("codes kinds references", references))).all()
    return Standing(
        wallets={account: wallets[account_id] for account, account_id in held.items()},
        transfer_ids={references[row.place - 1]: row.new_id for row in found},
        posted={references[row.place - 1] for row in found if row.posted},
    )


def _credits(commands: Posting, ids: Ids) -> dict[str, list[Any]]:
    wanted = {
        (command.community_code, ids[command.account(name)], command.lot.activity, command.lot.expires_on)
        for command in commands
        for name, amount in command.amounts
        if command.lot and amount > 0 and name.kind is AccountKind.RESIDENT
    }
    return _columns("new_codes new_account_ids activities expire_on", wanted)


def _written(posted: Sequence[Posted], ids: Ids, standing: Standing) -> dict[str, list[Any]]:
    transfers: list[Row] = []
    entries: list[Row] = []
    moves: list[Row] = []
    wallets: dict[BookAccount, Wallet] = {}
    for one in posted:
        command = one.command
        code, asset_class = command.community_code, str(command.asset_class)
        transfers.append((code, one.transfer_id, asset_class, str(command.kind), command.reference))
        for leg, ((name, amount), balance) in enumerate(zip(command.amounts, one.balances, strict=True)):
            account = command.account(name)
            entries.append((code, one.transfer_id, leg, ids[account], asset_class, amount, balance))
            if balance is not None:
                wallets[account] = standing.wallets[account]
        moves += [(code, one.transfer_id, lot_id, amount) for lot_id, amount in one.lot_moves]
    moved = {lot_id for _, _, lot_id, _ in moves}
    lots = [
        (account[0], wallet.account_id, lot.lot_id, lot.activity, lot.expires_on, lot.earned, lot.remaining)
        for account, wallet in wallets.items()
        for lot in wallet.lots.values()
        if lot.lot_id in moved
    ]
    balances = [(account[0], wallet.account_id, wallet.balance) for account, wallet in wallets.items()]
    return {
        **_columns("codes transfer_ids classes kinds references", transfers),
        **_columns(
            "entry_codes entry_transfer_ids entry_legs entry_account_ids entry_classes entry_amounts entry_balances",
            entries,
        ),
        **_columns("lot_codes lot_account_ids lot_ids lot_activities lot_expire_on lot_earned lot_remaining", lots),
        **_columns("move_codes move_transfer_ids move_lot_ids move_amounts", moves),
        **_columns("wallet_codes wallet_account_ids wallet_balances", balances),
    }


def _columns(names: str, rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Turn rows into one array for each column."""
    columns = list(zip(*rows, strict=True))
    return {name: list(columns[place]) if columns else [] for place, name in enumerate(names.split())}
