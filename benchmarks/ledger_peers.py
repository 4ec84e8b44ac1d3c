"""What the ledger is held against: one ORM transaction per request, bare posting by sets, and the framework alone."""

import os
import uuid
from collections.abc import Sequence

import asyncpg
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from sqlalchemy import BigInteger, ForeignKey, Identity, MetaData, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.points.earning.api import DeedRequest
from services.points.main import create_app
from shared.database import TYPES, Database, Transaction
from shared.grouped_route import Groups
from shared.idempotency import Answer
from shared.identity import Caller
from shared.service import create_service
from shared.settings import ServiceSettings

ISSUER = 0
Move = tuple[int, int, int]
"""Debited account, credited account, points."""


class PeerBase(DeclarativeBase):
    """A ledger as a textbook has it: accounts with a balance, transfers, entries; no lots, keys or events."""

    metadata = MetaData(schema="peer")
    type_annotation_map = TYPES


class PeerAccount(PeerBase):
    """An account."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    balance: Mapped[int]


class PeerTransfer(PeerBase):
    """A transfer."""

    __tablename__ = "transfer"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)


class PeerEntry(PeerBase):
    """What a transfer does to an account."""

    __tablename__ = "entry"
    transfer_id: Mapped[int] = mapped_column(ForeignKey(PeerTransfer.id), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(PeerAccount.id), primary_key=True)
    amount: Mapped[int]


async def make_peers(admin: str, accounts: int) -> None:
    """Make the peers' tables."""
    database = Database(admin, name="bench")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("CREATE SCHEMA peer")
        await connection.run_sync(PeerBase.metadata.create_all)
        await connection.execute(insert(PeerAccount), [{"id": n, "balance": 1_000_000} for n in range(accounts + 1)])
        await connection.exec_driver_sql("GRANT USAGE ON SCHEMA peer TO PUBLIC")
        await connection.exec_driver_sql("GRANT ALL ON ALL TABLES IN SCHEMA peer TO PUBLIC")
        await connection.exec_driver_sql("GRANT ALL ON ALL SEQUENCES IN SCHEMA peer TO PUBLIC")
    await database.close()


async def move_by_orm(session: Transaction, move: Move) -> int:
    """Post one transfer with the ORM, locking both accounts in the order of their ids."""
    debited, credited, points = move
    for account_id, amount in sorted(((debited, -points), (credited, points))):
        account = await session.get_one(PeerAccount, account_id, with_for_update=True, populate_existing=True)
        account.balance += amount
    transfer = PeerTransfer()
    session.add(transfer)
    await session.flush()
    session.add_all(
        [
            PeerEntry(transfer_id=transfer.id, account_id=debited, amount=-points),
            PeerEntry(transfer_id=transfer.id, account_id=credited, amount=points),
        ]
    )
    await session.flush()
    return transfer.id


_BARE = """
    WITH asked AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
            WITH ORDINALITY AS m (debited, credited, points, n)
    ), made AS (
        INSERT INTO peer.transfer SELECT FROM asked RETURNING id
    ), numbered AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n FROM made
    ), legs AS (
        SELECT id, debited AS account_id, -points AS amount FROM asked JOIN numbered USING (n)
        UNION ALL SELECT id, credited, points FROM asked JOIN numbered USING (n)
    ), entered AS (
        INSERT INTO peer.entry (transfer_id, account_id, amount) SELECT * FROM legs
    )
    UPDATE peer.account SET balance = balance + moved.amount
    FROM (SELECT account_id, sum(amount)::bigint AS amount FROM legs GROUP BY account_id) AS moved
    WHERE account.id = moved.account_id
"""
_LOCK = "SELECT 1 FROM peer.account WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE"


async def move_bare(pool: asyncpg.Pool, moves: Sequence[Move]) -> list[bool]:
    """Post transfers by sets with the bare driver: no lots, keys, events or refusals."""
    debited, credited, points = (list(column) for column in zip(*moves, strict=True))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_LOCK, sorted({*debited, *credited}))
        await connection.execute(_BARE, debited, credited, points)
    return [True] * len(moves)


def create_ceiling() -> FastAPI:
    """The points API whose groups post nothing: what identity, validation, routing and answering cost."""
    body = (
        b'{"community_code":"330102001051","activity":"volunteering","reference":"0123456789abcdef0123456789abcdef",'
        b'"resident_id":"00000000-0000-4000-8000-000000000001","quantity":1,"occurred_at":"2026-11-22T00:00:00Z",'
        b'"rule_version":1,"points":10,"transfer_id":"019a0000-0000-7000-8000-000000000001"}'
    )

    async def nothing(_: Groups, __: object, members: Sequence[object]) -> list[Answer]:
        return [Answer(201, "application/json", body)] * len(members)

    Groups._answer = nothing  # type: ignore[assignment] # noqa: SLF001 - only the database is left out
    return create_app()


class PeerView(BaseModel):
    """A transfer that was posted."""

    transfer_id: int
    deed: DeedRequest


peer = APIRouter()


@peer.post("/deeds", status_code=201, summary="一请求一事务 / One ORM transaction per request")
async def post_deed(body: DeedRequest, session: Transaction, who: Caller) -> PeerView:
    """Do what `POST /deeds` does at the least, as a textbook has it."""
    who.require(body.community_code, "device", "desk")
    account = uuid.UUID(str(body.resident_id)).int & 0x3FFF
    return PeerView(transfer_id=await move_by_orm(session, (ISSUER, account, body.quantity)), deed=body)


def create_orm() -> FastAPI:
    """An API with the same schema and checks, and one ORM transaction per request."""
    os.environ["LINLI_DATABASE_POOL_SIZE"] = "16"
    return create_service("points", "peer", ServiceSettings(), [peer])
