"""Post transfers: the one way in which points move."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.rules import AccountKind, AlreadyPosted, AssetClass, Holding, TransferKind, spend_earliest
from services.points.ledger.tables import Account, Entry, Lot, LotMove, Transfer


@dataclass(frozen=True, slots=True, order=True)
class AccountName:
    """An account by what it is, in the book that the transfer belongs to."""

    kind: AccountKind
    owner: str


ISSUER = AccountName(AccountKind.ISSUER, "issuer")
DISCOUNT = AccountName(AccountKind.DISCOUNT, "discount")


def resident(resident_id: uuid.UUID) -> AccountName:
    """Name a resident's account."""
    return AccountName(AccountKind.RESIDENT, f"resident:{resident_id}")


def merchant(merchant_id: uuid.UUID) -> AccountName:
    """Name a merchant's account."""
    return AccountName(AccountKind.MERCHANT, f"merchant:{merchant_id}")


def clearing(counterparty: str) -> AccountName:
    """Name the account of what a community owes another (positive), or is owed by it."""
    return AccountName(AccountKind.CLEARING, f"clearing:{counterparty}")


@dataclass(frozen=True, slots=True)
class NewLot:
    """How the points that a resident is credited with were earned, and when they expire."""

    activity: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class PostTransfer:
    """A movement in one community's book of one class: amounts by account, which sum to 0."""

    community_code: str
    asset_class: AssetClass
    kind: TransferKind
    reference: str
    amounts: tuple[tuple[AccountName, int], ...]
    lot: NewLot | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A transfer that was posted."""

    transfer_id: uuid.UUID
    command: PostTransfer


Row = dict[str, object]
BookAccount = tuple[str, AssetClass, AccountName]


async def post(session: AsyncSession, commands: Sequence[PostTransfer], *, today: date) -> list[Posted]:
    """Post transfers together, all or none.

    Args:
        session: The transaction at whose commit they take effect.
        commands: The transfers; a resident's credit needs `lot`, a resident's debit is taken from its lots.
        today: The ledger's day, for what has expired.

    Raises:
        NotEnoughPoints: A resident's lots that are still good hold less than a debit.
        AlreadyPosted: A transfer of this kind and reference is in the book.
    """
    accounts = await _open(session, commands)
    balances = await _lock(session, accounts)
    posted = await _insert_transfers(session, commands)
    for one in posted:
        for name, amount in one.command.amounts:
            if name.kind is AccountKind.RESIDENT:
                await _move_lots(session, one, accounts[_key(one.command, name)], amount, today)
    await _insert_entries(session, posted, accounts, balances)
    return posted


def _key(command: PostTransfer, name: AccountName) -> BookAccount:
    return command.community_code, command.asset_class, name


async def _open(session: AsyncSession, commands: Sequence[PostTransfer]) -> dict[BookAccount, uuid.UUID]:
    wanted = {_key(command, name) for command in commands for name, _ in command.amounts}
    found = await _find(session, wanted)
    if missing := sorted(wanted - found.keys()):
        rows = [
            {
                "community_code": code,
                "asset_class": asset_class,
                "kind": name.kind,
                "owner": name.owner,
                "floor": 0 if name.kind is AccountKind.RESIDENT else None,
                "balance": 0 if name.kind is AccountKind.RESIDENT else None,
            }
            for code, asset_class, name in missing
        ]
        await session.execute(insert(Account).values(rows).on_conflict_do_nothing())
        found = await _find(session, wanted)
    return found


async def _find(session: AsyncSession, wanted: set[BookAccount]) -> dict[BookAccount, uuid.UUID]:
    rows = await session.execute(
        select(Account.community_code, Account.asset_class, Account.kind, Account.owner, Account.account_id).where(
            tuple_(Account.community_code, Account.asset_class, Account.owner).in_(
                [(code, asset_class, name.owner) for code, asset_class, name in wanted]
            )
        )
    )
    return {
        (r.community_code, AssetClass(r.asset_class), AccountName(AccountKind(r.kind), r.owner)): r.account_id
        for r in rows
    }


async def _lock(session: AsyncSession, accounts: dict[BookAccount, uuid.UUID]) -> dict[uuid.UUID, int]:
    """Lock, in the order of their ids, the accounts that can refuse; the others only take entries."""
    ids = [(code, account_id) for (code, _, _), account_id in accounts.items()]
    rows = await session.execute(
        select(Account.account_id, Account.balance)
        .where(tuple_(Account.community_code, Account.account_id).in_(ids), Account.floor.is_not(None))
        .order_by(Account.community_code, Account.account_id)
        .with_for_update()
    )
    return {row.account_id: row.balance for row in rows}


async def _insert_transfers(session: AsyncSession, commands: Sequence[PostTransfer]) -> list[Posted]:
    rows = [
        {"community_code": c.community_code, "asset_class": c.asset_class, "kind": c.kind, "reference": c.reference}
        for c in commands
    ]
    inserted = await session.execute(
        insert(Transfer)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(Transfer.community_code, Transfer.kind, Transfer.reference, Transfer.transfer_id)
    )
    ids = {(code, kind, reference): transfer_id for code, kind, reference, transfer_id in inserted}
    posted = []
    for command in commands:
        transfer_id = ids.get((command.community_code, command.kind, command.reference))
        if transfer_id is None:
            raise AlreadyPosted(reference=command.reference)
        posted.append(Posted(transfer_id, command))
    return posted


async def _insert_entries(
    session: AsyncSession,
    posted: Sequence[Posted],
    accounts: dict[BookAccount, uuid.UUID],
    balances: dict[uuid.UUID, int],
) -> None:
    rows: list[Row] = []
    changed: dict[tuple[str, uuid.UUID], int] = {}
    for one in posted:
        for leg, (name, amount) in enumerate(one.command.amounts):
            account_id = accounts[_key(one.command, name)]
            if account_id in balances:
                balances[account_id] += amount
                changed[one.command.community_code, account_id] = balances[account_id]
            rows.append(
                {
                    "community_code": one.command.community_code,
                    "transfer_id": one.transfer_id,
                    "leg": leg,
                    "account_id": account_id,
                    "asset_class": one.command.asset_class,
                    "amount": amount,
                    "balance_after": balances.get(account_id),
                }
            )
    for (code, account_id), balance in changed.items():
        await session.execute(
            update(Account)
            .where(Account.community_code == code, Account.account_id == account_id)
            .values(balance=balance)
        )
    await session.execute(insert(Entry).values(rows))


async def _move_lots(session: AsyncSession, one: Posted, account_id: uuid.UUID, amount: int, today: date) -> None:
    code = one.command.community_code
    if amount > 0:
        moves = [(await _add_to_lot(session, code, account_id, one.command.lot, amount), amount)]
    else:
        lots = await session.scalars(
            select(Lot).where(Lot.community_code == code, Lot.account_id == account_id, Lot.remaining > 0)
        )
        holdings = [Holding(lot.lot_id, lot.expires_on, lot.remaining) for lot in lots]
        moves = [(lot_id, -part) for lot_id, part in spend_earliest(holdings, -amount, today)]
        for lot_id, part in moves:
            await session.execute(
                update(Lot)
                .where(Lot.community_code == code, Lot.lot_id == lot_id)
                .values(remaining=Lot.remaining + part)
            )
    await session.execute(
        insert(LotMove).values(
            [
                {"community_code": code, "transfer_id": one.transfer_id, "lot_id": lot_id, "amount": part}
                for lot_id, part in moves
            ]
        )
    )


async def _add_to_lot(
    session: AsyncSession, code: str, account_id: uuid.UUID, lot: NewLot | None, amount: int
) -> uuid.UUID:
    if lot is None:
        raise ValueError("a resident is credited only with points that have a lot")
    row = insert(Lot).values(
        community_code=code,
        account_id=account_id,
        activity=lot.activity,
        expires_on=lot.expires_on,
        earned=amount,
        remaining=amount,
    )
    added = await session.execute(
        row.on_conflict_do_update(
            index_elements=[Lot.community_code, Lot.account_id, Lot.activity, Lot.expires_on],
            set_={"earned": Lot.earned + row.excluded.earned, "remaining": Lot.remaining + row.excluded.remaining},
        ).returning(Lot.lot_id)
    )
    return added.scalar_one()
