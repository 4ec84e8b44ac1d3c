"""What a delivery tells, how it is signed, when it is tried again, and which addresses may be called."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

from gateway.data_sets import Column, columns_of
from gateway.disclosure import hidden
from gateway.events import SUBSCRIBABLE
from shared.errors import Unseen

Network = IPv4Network | IPv6Network
State = Literal["due", "delivered", "given-up"]

TRY_AGAIN_AFTER = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""As Standard Webhooks has it: nine more times within three days; what is not taken then is given up, and replayed."""
GONE = 410
_NEWER = Column("json", "L4", "other")
"""A field that this release does not know yet, told by a newer one."""
_DERIVED = b"linli webhook v1"
_NAT64 = IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")


@dataclass(kw_only=True, eq=False)
class DeliveryUnseen(Unseen):
    """There is no such delivery, or it is another application's."""

    type = "delivery-unseen"
    title = "没有此投递"
    title_en = "No such delivery"
    detail = "没有投递 {delivery_id}，或它属于其他应用。"
    detail_en = "There is no delivery {delivery_id}, or it is another application's."

    delivery_id: str


def webhook_key(secret: str) -> bytes:
    """Return the key that belongs to an application's secret: one key signs its calls, another what it is told."""
    return hmac.digest(secret.encode(), _DERIVED, hashlib.sha256)


def shown(key: bytes) -> str:
    """Return a key as libraries of Standard Webhooks take it."""
    return f"whsec_{base64.b64encode(key).decode()}"


def seen_by(body: str, level: str, key: bytes) -> bytes:
    """Return an event as its receiver sees it: what is above its level is masked, as in answers (DB33/T 2350).

    Args:
        body: The CloudEvent, as services tell it.
        level: Of the subscription.
        key: Of the pseudonyms that the receiver knows others by.
    """
    event = json.loads(body)
    columns, data = columns_of(SUBSCRIBABLE[event["type"]]), event["data"]
    masks = {name: column.mask for name in data if (column := columns.get(name, _NEWER)).level > level}
    if event["partitionkey"] in [data[name] for name in masks]:
        event["partitionkey"] = hidden(event["partitionkey"], "other", key)
    veiled = {name: hidden(data[name], mask, key) for name, mask in masks.items() if data[name] is not None}
    return json.dumps({**event, "data": {**data, **veiled}}, ensure_ascii=False).encode()


def signature(keys: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature` of Standard Webhooks: one signature for each live key.

    Args:
        keys: HMAC-SHA256.
        message_id: The same whenever the message is sent again.
        timestamp: Unix time of this try.
        body: As it is sent.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    each = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return " ".join(f"v1,{one}" for one in each)


def pause_after(attempts: int, status: int | None) -> timedelta | None:
    """Return how long to wait after so many tries that failed, the last with a status; nothing: it is given up."""
    if status == GONE or attempts > len(TRY_AGAIN_AFTER):
        return None
    return TRY_AGAIN_AFTER[attempts - 1]


def is_exempt(address: str, exempt: Sequence[Network]) -> bool:
    """Tell whether an address is in one of the operator's own networks, where plain HTTP will do."""
    ip = ip_address(address)
    return any(ip in network for network in exempt if network.version == ip.version)


def may_be_called(address: str, exempt: Sequence[Network]) -> bool:
    """Tell whether an address is public, or in one of the networks that the operator exempts.

    What stands for another address inside (IPv4 in IPv6, 6to4, Teredo, NAT64) is not called at all.
    """
    if is_exempt(address, exempt):
        return True
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and (
        ip.ipv4_mapped or ip.sixtofour or ip.teredo or any(ip in network for network in _NAT64)
    ):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)
