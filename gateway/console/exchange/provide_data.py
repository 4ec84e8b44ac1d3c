"""Provide what is new of a data set: mapped, masked, signed, encrypted, and put on record."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.exchange.queries import Listed, hold_application, hold_data_set, read_records
from gateway.console.exchange.rules import (
    ExportFormat,
    ReceiverKeyMissing,
    check_receiver,
    columns_in,
    missing_in,
    row_of,
)
from gateway.console.exchange.tables import Provision
from gateway.console.exchange.write_rows import write_rows
from gateway.disclosure import sight_key
from gateway.routes import OFFICIAL
from gateway.sealing import KEY_BYTES, NONCE_BYTES
from shared import sm2
from shared.clock import CHINA
from shared.identity import Identity
from shared.pagination import BadCursor, decode_cursor, encode_cursor

_BIGINT_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What a government platform asks for: a data set, from a place on, at most so many rows, in a format."""

    data_set: str
    receiver: str
    who: Identity
    format: ExportFormat
    after: str | None
    rows_max: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Keys:
    """What the pseudonyms are made with, and what a package is signed with."""

    pseudonyms: bytes
    signing: sm2.KeyPair


@dataclass(frozen=True, slots=True)
class Package:
    """What is provided.

    Attributes:
        manifest: What the package is, as JSON; it is signed, and bound to the content.
        signature: SM2 with SM3 over the manifest, ASN.1 DER in hexadecimal.
        content_key: The key of the content, encrypted by SM2 to the receiver; Base64.
        nonce: Of SM4-GCM; Base64.
        content: The file, encrypted by SM4-GCM with the manifest beside it, and its tag; Base64.
    """

    manifest: str
    signature: str
    content_key: str
    nonce: str
    content: str


async def provide_data(session: AsyncSession, asked: Asked, keys: Keys) -> Package:
    """Provide the rows after a place; asked again for the same place, it provides the same rows again.

    Who may have what is held: a change of it waits, and what is provided after it goes by it.

    Raises:
        DataSetUnseen: The catalogue has none of this name.
        OutOfScope: The receiver may not act in the area of the data.
        DataNotShared: They are not shared with it.
        ReceiverKeyMissing: It has no key, or one that is none.
        BadCursor: The place is none.
    """
    listed = await hold_data_set(session, asked.data_set)
    asked.who.require(listed.entry.prefix, OFFICIAL)
    application = await hold_application(session, asked.receiver)
    receiver_key = check_receiver(listed.name, listed.entry, asked.receiver, application)
    found = await read_records(session, listed.entry, _place(asked.after), asked.rows_max + 1)
    records = found[: asked.rows_max]
    pseudonyms = sight_key(keys.pseudonyms, asked.who.subject)
    told = [{**each.data, "id": str(each.event_id), "time": each.occurred_at.isoformat()} for each in records]
    columns = columns_in(listed.entry)
    rows = [row_of(listed.entry, columns, event, pseudonyms) for event in told]
    content = write_rows(asked.format, columns, rows)
    provision = Provision(
        id=await session.scalar(text("SELECT uuidv7()")),
        data_set=listed.name,
        revision=listed.revision,
        entry=listed.entry.model_dump(mode="json"),
        receiver=asked.receiver,
        provided_at=asked.now,
        format=asked.format,
        after=asked.after,
        upto=encode_cursor(records[-1].xid, records[-1].id) if records else asked.after,
        rows=len(rows),
        missing=missing_in(listed.entry, rows, [event["id"] for event in told]),
        content_sm3=hashlib.new("sm3", content).hexdigest(),
    )
    manifest = _manifest(listed, provision, more=len(found) > len(records))
    provision.signature = keys.signing.sign(manifest)
    session.add(provision)
    await session.flush()
    try:
        return _sealed(manifest, provision.signature, receiver_key, content)
    except ValueError as error:  # no point of the curve
        raise ReceiverKeyMissing(application=asked.receiver) from error


def _place(cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return 0, 0
    xid, number = (int(part) for part in decode_cursor(cursor, int, int))
    if not (0 <= xid <= _BIGINT_MAX and 0 <= number <= _BIGINT_MAX):
        raise BadCursor
    return xid, number


def _manifest(listed: Listed, provision: Provision, *, more: bool) -> str:
    entry, columns = listed.entry, columns_in(listed.entry)
    facts: dict[str, Any] = {
        "provision_id": str(provision.id),
        "data_set": listed.name,
        "revision": listed.revision,
        **entry.model_dump(include={"title", "owner", "level", "share", "basis"}),
        "receiver": provision.receiver,
        "provided_at": provision.provided_at.astimezone(CHINA).isoformat(),
        "format": provision.format,
        "fields": [
            {"name": field.name, "title": field.title, "required": field.required, "level": columns[field.name].level}
            for field in entry.fields
        ],
        "after": provision.after,
        "next": provision.upto,
        "more": more,
        "rows": provision.rows,
        "missing": provision.missing,
        "content_sm3": provision.content_sm3,
    }
    return json.dumps(facts, ensure_ascii=False)


def _sealed(manifest: str, signature: str, receiver_key: str, content: bytes) -> Package:
    key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(manifest.encode())
    encrypted = encryptor.update(content) + encryptor.finalize() + encryptor.tag
    wrapped = sm2.encrypt(receiver_key, key)
    content_key, nonce_text, text = (base64.b64encode(each).decode() for each in (wrapped, nonce, encrypted))
    return Package(manifest, signature, content_key, nonce_text, text)
