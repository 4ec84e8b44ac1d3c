"""HTTP of data exchange: the catalogue, packages for government platforms, and the record of what was provided."""

import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.console.callers import application_of, own_application
from gateway.console.exchange import queries
from gateway.console.exchange.provide_data import Asked, Keys, provide_data
from gateway.console.exchange.rules import (
    DataNotShared,
    DataSetUnseen,
    ExportFormat,
    ReceiverKeyMissing,
    columns_in,
)
from gateway.registry import ApplicationName, DataSet
from gateway.routes import ADMINISTRATOR, AUDITOR, OFFICIAL
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import Level
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor
from shared.problems import responses

ROWS_MAX = 5_000
# A package is long, and asked for again it is provided again and on record again: no answer is kept.
router = APIRouter(tags=["数据交换 data exchange"])


class DataSetView(BaseModel):
    """An entry of the catalogue 数据目录."""

    name: str
    revision: int
    entry: DataSet
    levels: dict[str, Level] = Field(description="各字段级别 / of each field")


class Catalogue(BaseModel):
    """What there is to provide, and the key that packages are signed with."""

    data_sets: list[DataSetView]
    signing_key: str = Field(description="SM2 公钥，64 字节，十六进制 / verifies packages")


class PackageToAsk(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    format: ExportFormat
    after: Annotated[str, Field(max_length=200)] | None = Field(
        default=None,
        description="上一数据包 manifest 中的 next；空为从头 / next of the package before; none: from the start",
    )
    rows_max: Annotated[int, Field(ge=1, le=ROWS_MAX)] = ROWS_MAX


class PackageView(BaseModel):
    """A data package 数据包, signed and encrypted to the receiver."""

    manifest: str = Field(
        description="JSON 文本，签名与加密均绑定其字节 / the signature and the content are bound to it"
    )
    signature: str = Field(description="SM2（SM3）签名，DER，十六进制 / over manifest")
    content_key: str = Field(description="SM4 密钥，SM2 加密给接收方，DER，Base64 / encrypted to your sm2_key")
    nonce: str = Field(description="SM4-GCM，Base64")
    content: str = Field(description="SM4-GCM 密文及 16 字节校验值，manifest 为附加数据，Base64 / with its tag")


class ProvisionView(BaseModel):
    """That data were provided 提供记录."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    data_set: str
    revision: int
    entry: dict[str, Any]
    receiver: str
    provided_at: Moment
    format: ExportFormat
    after: str | None
    upto: str | None
    rows: int
    missing: dict[str, Any]
    content_sm3: str
    signature: str


@router.get("/data-sets", summary="数据目录 / Catalogue of data", responses=responses(OutOfScope))
async def read_catalogue(request: Request, session: Transaction, who: Caller) -> Catalogue:
    """List the data sets in force, with the level of each field."""
    who.require_any(ADMINISTRATOR, AUDITOR, OFFICIAL)
    keys: Keys = request.app.state.exchange_keys
    found = await queries.list_data_sets(session)
    views = [
        DataSetView(
            name=each.name,
            revision=each.revision,
            entry=each.entry,
            levels={name: column.level for name, column in columns_in(each.entry).items()},
        )
        for each in found
    ]
    return Catalogue(data_sets=views, signing_key=keys.signing.public.hex())


@router.post(
    "/data-sets/{data_set}/packages",
    summary="领取数据包 / Ask for a package",
    responses=responses(OutOfScope, DataSetUnseen, DataNotShared, ReceiverKeyMissing, BadCursor),
)
async def provide(
    request: Request,
    session: Transaction,
    who: Caller,
    data_set: ApplicationName,
    body: PackageToAsk,
) -> PackageView:
    """Provide what is new since a place. What an answer was lost of is asked for once more from the same place."""
    receiver = application_of(who) or ""
    asked = Asked(data_set, receiver, who, body.format, body.after, body.rows_max, datetime.now(UTC))
    package = await provide_data(session, asked, request.app.state.exchange_keys)
    return PackageView(**asdict(package))


@router.get("/provisions", summary="数据提供记录 / What was provided", responses=responses(OutOfScope, BadCursor))
async def read_provisions(
    session: Transaction,
    who: Caller,
    data_set: ApplicationName | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[ProvisionView]:
    """List what was provided, the newest first: administrators and auditors all, an application what it got."""
    own = own_application(who, ADMINISTRATOR, AUDITOR)
    before = decode_id(cursor) if cursor else None
    found = await queries.list_provisions(session, receiver=own, data_set=data_set, before=before, size=page_size + 1)
    items = [ProvisionView.model_validate(each) for each in found[:page_size]]
    return Page(items=items, next_cursor=encode_cursor(str(items[-1].id)) if len(found) > page_size else None)
