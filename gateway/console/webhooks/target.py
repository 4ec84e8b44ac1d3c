"""The address of a webhook, resolved once and pinned, so that nobody leads our calls into our own networks."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from gateway.console.webhooks.rules import Network, is_exempt, may_be_called

PORT_MAX = 65_535


class AddressRefusedError(Exception):
    """A webhook's address is not to be called."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivery goes.

    Attributes:
        url: With the address in the place of the name.
        host: The name, for the Host header and the certificate.
    """

    url: httpx.URL
    host: str

    def request(self, client: httpx.AsyncClient, headers: dict[str, str], body: bytes) -> httpx.Request:
        """Build the request: to the address that was checked, in the name that was asked for."""
        port = f":{self.url.port}" if self.url.port else ""
        named = {"Host": f"{self.host}{port}", **headers}
        return client.build_request(
            "POST", self.url, headers=named, content=body, extensions={"sni_hostname": self.host}
        )


async def find_target(url: str, exempt: Sequence[Network]) -> Target:
    """Resolve a webhook's address and pin it.

    Raises:
        AddressRefusedError: It can be no address, one of the addresses of the name is not public, or plain HTTP would
            leave our networks.
        OSError: The name cannot be resolved.
    """
    asked = httpx.URL(url)
    port = asked.port or (443 if asked.scheme == "https" else 80)
    if port > PORT_MAX:
        raise AddressRefusedError("no such port")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(asked.host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # an empty label, one that is too long, or no Punycode
        raise AddressRefusedError("no host name") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not all(may_be_called(address, exempt) for address in addresses):
        raise AddressRefusedError("not a public address")
    if asked.scheme != "https" and not all(is_exempt(address, exempt) for address in addresses):
        raise AddressRefusedError("plain http")
    return Target(asked.copy_with(host=addresses[0]), asked.host)
