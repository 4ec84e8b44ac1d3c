"""Seals, proofs of inclusion, whole books and their check, over HTTP."""

import sys
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.proof.export_book import export_book, signed
from services.points.proof.export_journal import export_journal
from services.points.proof.queries import owners_in, sealed_with, seals_before
from services.points.proof.rules import VERSION, NoSuchTransfer, NotYetSealed, leaf_hash, merkle_path
from shared.database import Database, Transaction
from shared.errors import OutOfScope
from shared.fields import LEVEL, MASK, CommunityCode
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_cursor, encode_cursor
from shared.problems import responses

router = APIRouter(tags=["账本证明 proof"])

KEEPERS = ("operator", "official", "auditor")
WITH_OWNERS = {"type": "string", LEVEL: "L2", MASK: "other"}
"""It names who holds what, and verifies as it is or not at all: nothing in it can be masked."""


class SealView(BaseModel):
    """A signed seal: what it states, and in base64 the signature over its canonical bytes."""

    seal: dict[str, Any]
    signature: str


class ProofView(SealView):
    """A transfer's proof of inclusion, to be kept and checked offline: `python -m verifier proof`."""

    format: str = "linli-proof"
    version: int = VERSION
    record: dict[str, Any] = Field(description="流水原文 / the transfer as it was sealed")
    index: int = Field(description="在窗口中的位置，从 0 起 / its place in the window, from 0")
    path: list[str] = Field(description="默克尔路径 / hashes from the leaf to the root")


@router.get("/seal-keys", summary="封账公钥 / Public keys of seals")
async def list_keys(request: Request) -> list[str]:
    """Give the public keys, in PEM, with which the platform's seals are to be checked; compare them with a print."""
    keys: list[str] = request.app.state.seal_keys
    return keys


@router.get("/books/{community_code}/seals", summary="封账列表 / Seals, newest first", responses=responses(BadCursor))
async def list_seals(
    community_code: CommunityCode, session: Transaction, limit: PageSize = 50, cursor: Cursor = None
) -> Page[SealView]:
    """List a book's signed seals: whoever keeps them can tell later whether anything was changed."""
    before = int(decode_cursor(cursor, int)[0]) if cursor else sys.maxsize
    seals = await seals_before(session, community_code, before, limit + 1)
    more = encode_cursor(seals[limit - 1].number) if len(seals) > limit else None
    return Page(items=[SealView(**signed(seal)) for seal in seals[:limit]], next_cursor=more)


@router.get(
    "/books/{community_code}/transfers/{transfer_id}/proof",
    summary="流水包含证明 / Proof of inclusion",
    responses=responses(NoSuchTransfer, NotYetSealed),
)
async def prove_transfer(
    community_code: CommunityCode, transfer_id: uuid.UUID, session: Transaction, who: Caller
) -> ProofView:
    """Prove that a transfer is in the sealed book, to whoever it concerns and to those who look after the book."""
    owners = await owners_in(session, community_code, transfer_id)
    if not owners or not (who.subject in owners or who.holds(community_code, "desk", *KEEPERS)):
        raise NoSuchTransfer(community_code=community_code, transfer_id=transfer_id)
    found = await sealed_with(session, community_code, transfer_id)
    if found is None:
        raise NotYetSealed(transfer_id=transfer_id)
    seal, records = found
    index = next(place for place, record in enumerate(records) if record.id == transfer_id)
    path = merkle_path([leaf_hash(record.leaf) for record in records], index)
    record = records[index].content()
    return ProofView(**signed(seal), record=record, index=index, path=[each.hex() for each in path])


@router.get(
    "/books/{community_code}/export",
    summary="导出账本 / Export a book",
    response_class=Response,
    responses={**responses(OutOfScope), 200: {"content": {"application/jsonl": {"schema": WITH_OWNERS}}}},
)
async def read_book(community_code: CommunityCode, request: Request, who: Caller) -> StreamingResponse:
    """Give the sealed book, in JSON lines with its chain and its signed seals."""
    who.require(community_code, *KEEPERS)
    return _stream(request, export_book, community_code, "application/jsonl")


@router.get(
    "/books/{community_code}/journal",
    summary="导出记账文本 / Export a journal",
    response_class=Response,
    responses={**responses(OutOfScope), 200: {"content": {"text/plain": {"schema": WITH_OWNERS}}}},
)
async def read_journal(community_code: CommunityCode, request: Request, who: Caller) -> StreamingResponse:
    """Give the book as a plain-text accounting journal, which hledger balances."""
    who.require(community_code, *KEEPERS)
    return _stream(request, export_journal, community_code, "text/plain; charset=utf-8")


def _stream(
    request: Request, export: Callable[[AsyncSession, str], AsyncIterator[bytes]], code: str, media_type: str
) -> StreamingResponse:
    database: Database = request.app.state.database

    async def pieces() -> AsyncIterator[bytes]:
        # A transaction of its own: the request's ends before its answer leaves.
        async with database.transaction() as session:
            async for piece in export(session, code):
                yield piece

    return StreamingResponse(pieces(), media_type=media_type)
