"""Residents by the hundred: the sandbox has three, and the gateway's limits are per caller.

Their tokens are signed with the installation's own key, as its local issuer signs those of the sandbox's users.
"""

import time
import uuid
from dataclasses import dataclass

import httpx

from deploy.bare.credentials import load_credentials
from deploy.bare.places import Places
from gateway.tokens import LIFETIME_S, Issuer
from shared.identity import Identity, Role


@dataclass(slots=True)
class Resident:
    """A resident of one community, who signs its calls with a token."""

    issuer: Issuer
    resident_id: uuid.UUID
    community_code: str
    _token: str = ""
    _renew_at: float = 0.0

    @property
    def identity(self) -> Identity:
        """Who it is to the platform."""
        return Identity(f"resident:{self.resident_id}", (Role("resident", self.community_code),))

    def token(self) -> str:
        """Return a token with at least half of its life before it."""
        now = time.time()
        if now > self._renew_at:
            self._token, self._renew_at = self.issuer.issue(self.identity, now), now + LIFETIME_S / 2
        return self._token

    async def sign(self, _: httpx.AsyncClient, request: httpx.Request) -> None:
        """Put the token on the request."""
        request.headers["Authorization"] = f"Bearer {self.token()}"


def settle(places: Places, url: str, community_code: str, count: int) -> list[Resident]:
    """Make new residents of a community.

    Args:
        places: The state folder of the platform, which holds its issuer's key.
        url: The gateway's address, which is the issuer's name.
        community_code: Where they live.
        count: How many.
    """
    issuer = Issuer(url, load_credentials(places.secrets).token_private_key)
    return [Resident(issuer, uuid.uuid4(), community_code) for _ in range(count)]
