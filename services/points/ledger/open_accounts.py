"""Open accounts: finds what a batch names in the books, and opens what is not there yet."""

import uuid
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import AccountKind, BookAccount
from shared.database import SetStatement

REMEMBERED_MAX = 16_384

_FIND = SetStatement("""
    SELECT place, account_id, opened_at < now() AS committed
    FROM unnest(CAST(:codes AS text[]), CAST(:classes AS text[]), CAST(:owners AS text[]))
        WITH ORDINALITY AS named (community_code, asset_class, owner, place)
    JOIN account USING (community_code, asset_class, owner)
""")
# In an order that all keep, so that two who open the same accounts wait for each other and do not deadlock.
_OPEN = SetStatement("""
    INSERT INTO account (community_code, asset_class, owner, kind, floor, balance)
    SELECT community_code, asset_class, owner, kind, kept, kept
    FROM unnest(CAST(:codes AS text[]), CAST(:classes AS text[]), CAST(:owners AS text[]), CAST(:kinds AS text[]),
                CAST(:kept AS bigint[])) AS named (community_code, asset_class, owner, kind, kept)
    ORDER BY community_code, asset_class, owner
    ON CONFLICT DO NOTHING
""")

Ids = dict[BookAccount, uuid.UUID]

_remembered: WeakKeyDictionary[object, Ids] = WeakKeyDictionary()  # by engine: each database has ids of its own


async def open_accounts(session: AsyncSession, accounts: Iterable[BookAccount]) -> Ids:
    """Return the accounts' ids, opening those that are missing; none is locked.

    An account keeps its id for ever, so a process remembers the ids that it has seen, up to REMEMBERED_MAX.
    """
    remembered = _remembered.setdefault(session.get_bind(), {})
    asked = set(accounts)
    ids = {account: remembered[account] for account in asked & remembered.keys()}
    if unknown := asked - ids.keys():
        ids |= await _find(session, unknown, remembered)
    if missing := asked - ids.keys():
        await _OPEN.run(session, {**_named(missing), **_kept(missing)})
        ids |= await _find(session, missing, remembered)
    return ids


async def _find(session: AsyncSession, asked: set[BookAccount], remembered: Ids) -> Ids:
    accounts = list(asked)
    found: Ids = {}
    for place, account_id, committed in await _FIND.run(session, _named(accounts)):
        account = accounts[place - 1]
        found[account] = account_id
        if committed:  # one that this transaction opened is gone if it rolls back
            remembered[account] = account_id
    while len(remembered) > REMEMBERED_MAX:
        del remembered[next(iter(remembered))]
    return found


def _named(accounts: Iterable[BookAccount]) -> dict[str, list[str]]:
    codes, classes, names = zip(*accounts, strict=True)
    return {"codes": list(codes), "classes": list(classes), "owners": [name.owner for name in names]}


def _kept(accounts: Iterable[BookAccount]) -> dict[str, list[str] | list[int | None]]:
    """Return the kinds, and the balance that an account begins with; only one that can refuse keeps it."""
    kinds = [name.kind for _, _, name in accounts]
    return {"kinds": list(map(str, kinds)), "kept": [0 if kind is AccountKind.RESIDENT else None for kind in kinds]}
