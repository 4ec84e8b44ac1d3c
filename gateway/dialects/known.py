"""Which dialect a call speaks, told by its headers: one, or none."""

from collections.abc import Mapping

from gateway.dialects import aliyun, dingtalk, http_messages, provincial
from gateway.dialects.core import Read

_BY_HEADER: dict[bytes, Read] = {
    provincial.ACCESS_KEY: provincial.read,
    provincial.SIGNATURE: provincial.read,
    dingtalk.SIGNATURE: dingtalk.read,
    aliyun.SIGNATURE: aliyun.read,
    http_messages.INPUT: http_messages.read,
}


def spoken(headers: Mapping[bytes, bytes]) -> set[Read]:
    """Return how to read each dialect that the headers speak."""
    return {read for header, read in _BY_HEADER.items() if header in headers}


def is_provincial(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether the caller expects the province's own form of a refusal."""
    return any(name.startswith(b"x-bg-") for name in headers)
