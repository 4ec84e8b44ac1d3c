"""Read a standing: locks what a batch may change, and reads what it is to be judged by."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.batches.rules import Original, Standing
from services.points.ledger.rules import AccountKind, AssetClass, BookAccount, Posting, Reference, TransferKind
from services.points.lots.rules import Hold, Holding, Wallet
from shared.database import SetStatement

Ids = dict[BookAccount, uuid.UUID]

_ASKED = """
    unnest(CAST(:codes AS text[]), CAST(:kinds AS text[]), CAST(:references AS text[]))
        WITH ORDINALITY AS asked (community_code, kind, reference, place)
"""
# Who reverses a transfer keeps others from it: nobody has a right to lock a row that is never changed. It is kept by
# its name, whether or not it is there yet: one seen only later would be locked after the accounts, and deadlock.
_LOCK_ORIGINALS = SetStatement(f"""
    SELECT pg_advisory_xact_lock(name) FROM (
        SELECT DISTINCT hashtextextended(concat_ws(' ', community_code, kind, reference), 0) AS name FROM {_ASKED}
        ORDER BY name)
""")  # noqa: S608
_LOCK = SetStatement("""
    SELECT account_id, balance
    FROM unnest(CAST(:codes AS text[]), CAST(:account_ids AS uuid[])) AS held (community_code, account_id)
    JOIN account USING (community_code, account_id)
    ORDER BY community_code, account_id FOR NO KEY UPDATE OF account
""")
_LOTS = SetStatement("""
    SELECT account_id, lot_id, issuer, activity, expires_on, parent_lot_id, earned, remaining,
           pin.reference, pin.expires_at, pin.amount
    FROM unnest(CAST(:codes AS text[]), CAST(:account_ids AS uuid[])) AS held (community_code, account_id)
    JOIN lot USING (community_code, account_id) LEFT JOIN hold_lot pin USING (community_code, account_id, lot_id)
    WHERE remaining > 0
""")
# That a hold was placed, its command says: a book that was imported brings the commands alone. Row by row, so that no
# plan that was made while there were few holds reads all of them when there are many.
_REFERENCES = SetStatement(f"""
    SELECT place, uuidv7() AS new_id, coalesce(transfer_id, placed.command_id) IS NOT NULL AS posted,
           placed.account_id, placed.closed_as
    FROM {_ASKED}
    LEFT JOIN transfer USING (community_code, kind, reference)
    LEFT JOIN LATERAL (
        SELECT command_id, hold.account_id, closed_as
        FROM hold_command told LEFT JOIN hold USING (community_code, reference)
        WHERE asked.kind = 'hold' AND told.community_code = asked.community_code AND told.reference = asked.reference
          AND told.kind = 'hold' LIMIT 1
    ) AS placed ON true
    ORDER BY place
""")  # noqa: S608
_SEALED = SetStatement("""
    SELECT code, up_to FROM unnest(CAST(:codes AS text[])) AS code CROSS JOIN LATERAL (
        SELECT up_to FROM seal WHERE community_code = code ORDER BY number DESC LIMIT 1) AS last
""")
_ORIGINALS = SetStatement(f"""
    SELECT place, original.transfer_id, original.asset_class, one.account_id, one.lot_id, issuer, activity, expires_on,
           parent_lot_id, earned, remaining, sum(one.amount)::bigint AS still
    FROM {_ASKED}
    JOIN transfer original USING (community_code, kind, reference)
    CROSS JOIN LATERAL (
        SELECT account_id, lot_id, amount FROM entry
        WHERE entry.community_code = original.community_code AND entry.transfer_id = original.transfer_id
        UNION ALL
        SELECT account_id, lot_id, amount FROM transfer back JOIN entry USING (community_code, transfer_id)
        WHERE back.community_code = original.community_code AND back.reverses = original.transfer_id
    ) AS one
    LEFT JOIN lot ON lot.community_code = original.community_code AND lot.lot_id = one.lot_id
    GROUP BY place, original.transfer_id, original.asset_class, one.account_id, one.lot_id, issuer, activity,
             expires_on, parent_lot_id, earned, remaining
""")  # noqa: S608


async def read_standing(session: AsyncSession, commands: Posting, ids: Ids, *, now: datetime) -> Standing:
    """Lock the transfers to be reversed, then the accounts that can refuse, each in the order of their ids, and read.

    Args:
        session: The transaction that keeps the locks.
        commands: All that the batch asks for.
        ids: Of the accounts that it names.
        now: The ledger's time.
    """
    originals = list({command.original: None for command in commands if command.original})
    if originals:
        await _LOCK_ORIGINALS.run(session, _asked(originals))
    held = {account: account_id for account, account_id in ids.items() if account[2].kind is AccountKind.RESIDENT}
    wallets = await _read_wallets(session, held)
    standing = Standing(
        now=now,
        account_ids=ids,
        wallets={account: wallets[account_id] for account, account_id in held.items()},
        reversed_here=frozenset(originals),
    )
    await _read_references(session, commands, standing, wallets)
    if late := {command.community_code for command in commands if command.occurred_at}:
        sealed = await _SEALED.run(session, {"codes": sorted(late)})
        standing.sealed = {row["code"]: row["up_to"] for row in sealed}
    if originals:
        await _read_originals(session, originals, standing, wallets)
    return standing


async def _read_wallets(session: AsyncSession, held: Ids) -> dict[uuid.UUID, Wallet]:
    if not held:
        return {}
    keys = {"codes": [code for code, _, _ in held], "account_ids": list(held.values())}
    locked = await _LOCK.run(session, keys)
    wallets = {account_id: Wallet(account_id, balance) for account_id, balance in locked}
    for row in await _LOTS.run(session, keys):
        wallet = wallets[row["account_id"]]
        wallet.lots[row["lot_id"]] = Holding(*row[1:8])
        if row["reference"] is not None:
            pins = wallet.holds[row["reference"]].pins if row["reference"] in wallet.holds else ()
            wallet.holds[row["reference"]] = Hold(row["expires_at"], (*pins, (row["lot_id"], row["amount"])))
    return wallets


async def _read_references(
    session: AsyncSession, commands: Posting, standing: Standing, wallets: Mapping[uuid.UUID, Wallet]
) -> None:
    named = [(command.community_code, TransferKind.HOLD, command.hold) for command in commands if command.hold]
    references = list(dict.fromkeys([*(command.known_as for command in commands), *named]))
    for row in await _REFERENCES.run(session, _asked(references)):
        reference = references[row["place"] - 1]
        standing.transfer_ids[reference] = row["new_id"]
        if row["posted"]:
            standing.posted.add(reference)
        if row["closed_as"] and row["account_id"] in wallets:
            wallets[row["account_id"]].closed[reference[2]] = row["closed_as"]


async def _read_originals(
    session: AsyncSession, references: list[Reference], standing: Standing, wallets: Mapping[uuid.UUID, Wallet]
) -> None:
    for row in await _ORIGINALS.run(session, _asked(references)):
        original = standing.originals.setdefault(
            references[row["place"] - 1], Original(row["transfer_id"], AssetClass(row["asset_class"]), {}, {})
        )
        original.left[row["account_id"]] = original.left.get(row["account_id"], 0) + row["still"]
        if row["lot_id"] is not None:
            original.lots.setdefault(row["account_id"], {})[row["lot_id"]] = row["still"]
            if row["account_id"] in wallets:
                wallets[row["account_id"]].lots[row["lot_id"]] = Holding(*row[4:11])


def _asked(references: Iterable[Reference]) -> dict[str, list[Any]]:
    codes, kinds, names = zip(*references, strict=True)
    return {"codes": list(codes), "kinds": list(map(str, kinds)), "references": list(names)}
