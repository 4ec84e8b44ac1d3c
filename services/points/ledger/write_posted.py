"""Write what was posted: the rows of a whole batch, as sets."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.batches.rules import Standing
from services.points.ledger.rules import AccountKind, BookAccount, Posted, PostTransfer, TransferKind
from services.points.lots.rules import Hold, Holding
from shared.database import SetStatement, columns

Row = tuple[Any, ...]

# One statement, so that a reference that was posted meanwhile undoes all of it. Transfers come in an order that all
# keep: who waits for a reference holds only lesser ones. The rows of accounts and lots are ours, by the lock.
_MOVES = SetStatement("""
    WITH posted AS (
        INSERT INTO transfer (community_code, transfer_id, asset_class, kind, reference, reverses, occurred_at)
        SELECT * FROM unnest(
            CAST(:codes AS text[]), CAST(:transfer_ids AS uuid[]), CAST(:classes AS text[]), CAST(:kinds AS text[]),
            CAST(:references AS text[]), CAST(:reverses AS uuid[]), CAST(:occurred_at AS timestamptz[]))
            AS new (community_code, transfer_id, asset_class, kind, reference, reverses, occurred_at)
        ORDER BY community_code, kind, reference
    ), entered AS (
        INSERT INTO entry (community_code, transfer_id, leg, account_id, lot_id, asset_class, amount, balance_after)
        SELECT * FROM unnest(
            CAST(:entry_codes AS text[]), CAST(:entry_transfer_ids AS uuid[]), CAST(:entry_legs AS smallint[]),
            CAST(:entry_account_ids AS uuid[]), CAST(:entry_lot_ids AS uuid[]), CAST(:entry_classes AS text[]),
            CAST(:entry_amounts AS bigint[]), CAST(:entry_balances AS bigint[]))
    ), filled AS (
        INSERT INTO lot (community_code, account_id, lot_id, issuer, activity, expires_on, parent_lot_id, earned,
                         remaining)
        SELECT * FROM unnest(
            CAST(:lot_codes AS text[]), CAST(:lot_account_ids AS uuid[]), CAST(:lot_ids AS uuid[]),
            CAST(:lot_issuers AS text[]), CAST(:lot_activities AS text[]), CAST(:lot_expire_on AS date[]),
            CAST(:lot_parents AS uuid[]), CAST(:lot_earned AS bigint[]), CAST(:lot_remaining AS bigint[]))
        ON CONFLICT (community_code, lot_id) DO UPDATE
            SET earned = lot.earned + excluded.earned, remaining = lot.remaining + excluded.remaining
    ), changed AS (
        UPDATE lot SET earned = new.earned, remaining = new.remaining
        FROM unnest(CAST(:old_codes AS text[]), CAST(:old_ids AS uuid[]), CAST(:old_earned AS bigint[]),
                    CAST(:old_remaining AS bigint[])) AS new (community_code, lot_id, earned, remaining)
        WHERE lot.community_code = new.community_code AND lot.lot_id = new.lot_id
    )
    UPDATE account SET balance = new.balance
    FROM unnest(CAST(:wallet_codes AS text[]), CAST(:wallet_account_ids AS uuid[]), CAST(:wallet_balances AS bigint[]))
        AS new (community_code, account_id, balance)
    WHERE account.community_code = new.community_code AND account.account_id = new.account_id
""")
_PLACED = SetStatement("""
    WITH told AS (
        INSERT INTO hold_command (community_code, reference, kind, account_id, asset_class, amount, expires_at)
        SELECT * FROM unnest(
            CAST(:told_codes AS text[]), CAST(:told_references AS text[]), CAST(:told_kinds AS text[]),
            CAST(:told_account_ids AS uuid[]), CAST(:told_classes AS text[]), CAST(:told_amounts AS bigint[]),
            CAST(:told_expire_at AS timestamptz[]))
            AS new (community_code, reference, kind, account_id, asset_class, amount, expires_at)
        ORDER BY community_code, reference, kind
    )
    INSERT INTO hold (community_code, reference, account_id, asset_class, amount, expires_at)
    SELECT * FROM unnest(
        CAST(:codes AS text[]), CAST(:references AS text[]), CAST(:account_ids AS uuid[]), CAST(:classes AS text[]),
        CAST(:amounts AS bigint[]), CAST(:expire_at AS timestamptz[]))
        AS new (community_code, reference, account_id, asset_class, amount, expires_at)
    ORDER BY community_code, reference
""")
_UNPINNED = SetStatement("""
    DELETE FROM hold_lot USING unnest(CAST(:codes AS text[]), CAST(:account_ids AS uuid[]), CAST(:references AS text[]))
        AS changed (community_code, account_id, reference)
    WHERE hold_lot.community_code = changed.community_code AND hold_lot.account_id = changed.account_id
      AND hold_lot.reference = changed.reference
""")
_PINNED = SetStatement("""
    WITH pinned AS (
        INSERT INTO hold_lot (community_code, account_id, reference, expires_at, lot_id, amount)
        SELECT * FROM unnest(
            CAST(:pin_codes AS text[]), CAST(:pin_account_ids AS uuid[]), CAST(:pin_references AS text[]),
            CAST(:pin_expire_at AS timestamptz[]), CAST(:pin_lot_ids AS uuid[]), CAST(:pin_amounts AS bigint[]))
    )
    UPDATE hold SET captured = hold.captured + new.captured, closed_as = new.closed_as,
        closed_at = CASE WHEN new.closed_as IS NOT NULL THEN clock_timestamp() END
    FROM unnest(CAST(:codes AS text[]), CAST(:references AS text[]), CAST(:captured AS bigint[]),
                CAST(:closed_as AS text[])) AS new (community_code, reference, captured, closed_as)
    WHERE hold.community_code = new.community_code AND hold.reference = new.reference
""")

HoldName = tuple[BookAccount, str]


@dataclass(frozen=True, slots=True)
class AsRead:
    """What stood in the store before the batch was decided: its lots, and its open holds."""

    lots: frozenset[uuid.UUID]
    holds: dict[HoldName, Hold]

    @classmethod
    def of(cls, standing: Standing) -> "AsRead":
        """Note what a standing has read."""
        lots = frozenset(lot_id for wallet in standing.wallets.values() for lot_id in wallet.lots)
        return cls(lots, _open_holds(standing))


def _open_holds(standing: Standing) -> dict[HoldName, Hold]:
    return {
        (account, reference): hold
        for account, wallet in standing.wallets.items()
        for reference, hold in wallet.holds.items()
    }


async def write_posted(session: AsyncSession, posted: Sequence[Posted], standing: Standing, as_read: AsRead) -> None:
    """Write what a batch has posted, and the holds that it has changed or found over.

    Raises:
        sqlalchemy.exc.IntegrityError: A reference was posted meanwhile, for other accounts.
    """
    if moved := [one for one in posted if one.command.moves]:
        await _MOVES.run(session, {**_transfers(moved, standing), **_lots(moved, standing, as_read)})
    placed = [one.command for one in posted if one.command.kind is TransferKind.HOLD]
    now, before = _open_holds(standing), as_read.holds
    changed = {name: None for name in [*before, *now] if before.get(name) != now.get(name)}
    changed.update(dict.fromkeys((command.account(command.amounts[0][0]), command.reference) for command in placed))
    if changed:
        told = [one.command for one in posted if not one.command.moves]
        await _PLACED.run(session, {**_placed(placed, standing), **_told(told, standing)})
        await _UNPINNED.run(session, columns("codes account_ids references", _keys(changed, standing)))
        await _PINNED.run(session, {**_pins(changed, standing), **_changed(changed, moved, standing)})


def _transfers(moved: Sequence[Posted], standing: Standing) -> dict[str, list[Any]]:
    transfers: list[Row] = []
    entries: list[Row] = []
    for one in moved:
        command = one.command
        code, asset_class = command.community_code, str(command.asset_class)
        original = standing.originals[command.original].transfer_id if command.original else None
        transfers.append(
            (code, one.transfer_id, asset_class, str(command.kind), command.reference, original, command.occurred_at)
        )
        leg = 0
        for place, (name, amount) in enumerate(command.amounts):
            balance = one.balances[place]
            account_id = standing.account_ids[command.account(name)]
            parts = one.lot_moves[place] or ((None, amount),)
            before = None if balance is None else balance - amount
            for lot_id, part in parts:
                before = None if before is None else before + part
                entries.append((code, one.transfer_id, leg, account_id, lot_id, asset_class, part, before))
                leg += 1
    return {
        **columns("codes transfer_ids classes kinds references reverses occurred_at", transfers),
        **columns(
            "entry_codes entry_transfer_ids entry_legs entry_account_ids entry_lot_ids entry_classes entry_amounts"
            " entry_balances",
            entries,
        ),
    }


def _lots(moved: Sequence[Posted], standing: Standing, as_read: AsRead) -> dict[str, list[Any]]:
    touched: dict[BookAccount, set[uuid.UUID]] = {}
    for one in moved:
        for (name, _), parts in zip(one.command.amounts, one.lot_moves, strict=True):
            if name.kind is AccountKind.RESIDENT:
                touched.setdefault(one.command.account(name), set()).update(lot_id for lot_id, _ in parts)
    new: list[Row] = []
    old: list[Row] = []
    for account, lot_ids in touched.items():
        wallet = standing.wallets[account]
        for lot_id in lot_ids:
            lot = wallet.lots[lot_id]
            if lot_id in as_read.lots:
                old.append((account[0], lot_id, lot.earned, lot.remaining))
            else:
                new.append((account[0], wallet.account_id, *_described(lot)))
    balances = [
        (account[0], standing.wallets[account].account_id, standing.wallets[account].balance) for account in touched
    ]
    return {
        **columns(
            "lot_codes lot_account_ids lot_ids lot_issuers lot_activities lot_expire_on lot_parents lot_earned"
            " lot_remaining",
            new,
        ),
        **columns("old_codes old_ids old_earned old_remaining", old),
        **columns("wallet_codes wallet_account_ids wallet_balances", balances),
    }


def _described(lot: Holding) -> Row:
    return lot.lot_id, lot.issuer, lot.activity, lot.expires_on, lot.parent, lot.earned, lot.remaining


def _placed(placed: Iterable[PostTransfer], standing: Standing) -> dict[str, list[Any]]:
    rows = []
    for command in placed:
        [(name, amount)] = command.amounts
        account_id = standing.account_ids[command.account(name)]
        names = command.community_code, command.reference, account_id, str(command.asset_class)
        rows.append((*names, -amount, command.expires_at))
    return columns("codes references account_ids classes amounts expire_at", rows)


def _told(told: Iterable[PostTransfer], standing: Standing) -> dict[str, list[Any]]:
    rows = []
    for command in told:
        [(name, amount)] = command.amounts
        account_id = standing.account_ids[command.account(name)]
        names = command.community_code, command.reference, str(command.kind), account_id, str(command.asset_class)
        rows.append((*names, -amount, command.expires_at))
    return columns(
        "told_codes told_references told_kinds told_account_ids told_classes told_amounts told_expire_at", rows
    )


def _keys(changed: Iterable[HoldName], standing: Standing) -> list[Row]:
    return [(account[0], standing.account_ids[account], reference) for account, reference in changed]


def _pins(changed: Iterable[HoldName], standing: Standing) -> dict[str, list[Any]]:
    rows = []
    for account, reference in changed:
        wallet = standing.wallets[account]
        if hold := wallet.holds.get(reference):
            names = account[0], wallet.account_id, reference, hold.expires_at
            rows += [(*names, lot_id, part) for lot_id, part in hold.pins]
    return columns("pin_codes pin_account_ids pin_references pin_expire_at pin_lot_ids pin_amounts", rows)


def _changed(changed: Iterable[HoldName], moved: Iterable[Posted], standing: Standing) -> dict[str, list[Any]]:
    captured: dict[tuple[str, str], int] = {}
    for one in moved:
        if one.command.hold:
            key = one.command.community_code, one.command.hold
            taken = -sum(part for parts in one.lot_moves for _, part in parts if part < 0)
            captured[key] = captured.get(key, 0) + taken
    rows = []
    for account, reference in changed:
        taken = captured.get((account[0], reference), 0)
        rows.append((account[0], reference, taken, standing.wallets[account].closed.get(reference)))
    return columns("codes references captured closed_as", rows)
