"""The local issuer's log-in, for the sandbox: a password for a token, and patience after failures."""

import hashlib
import hmac
import time

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gateway.limits import Limit, Patience
from gateway.refusals import BadPassword
from gateway.sandbox import User
from gateway.tokens import LIFETIME_S, Issuer
from shared.identity import Identity

# Failures are counted by address as well as by name, so that nobody can lock out somebody else from afar.
NAME_FAILURES = Limit("log-in-name", per_s=0.1, burst=5)
ADDRESS_FAILURES = Limit("log-in-address", per_s=0.5, burst=30)


class Credentials(BaseModel):
    """A user name and a password."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(max_length=100)
    password: SecretStr = Field(max_length=200)


class Token(BaseModel):
    """An access token (RFC 6749)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - a kind of token, not a token
    expires_in: int = Field(default=LIFETIME_S, description="秒 / seconds")


class LogIn:
    """Checks passwords and gives tokens."""

    def __init__(self, users: list[User], issuer: Issuer) -> None:
        self._users = {user.username: (_digest(user.password), user.identity()) for user in users}
        self._nobody = (_digest(SecretStr("")), None)
        self._issuer = issuer
        self._patience = Patience()

    def log_in(self, credentials: Credentials, address: str) -> tuple[Identity, Token]:
        """Return who it is and a token for it.

        Raises:
            TooManyCalls: There were too many failures from this address, or from it for this name.
            BadPassword: No such user, or another password.
        """
        with self._patience.with_failures(
            [((address, credentials.username), NAME_FAILURES), ((address,), ADDRESS_FAILURES)]
        ):
            # An unknown name costs the same comparison as a known one.
            digest, identity = self._users.get(credentials.username, self._nobody)
            is_right = hmac.compare_digest(digest, _digest(credentials.password))
            if not is_right or identity is None:
                raise BadPassword
        return identity, Token(access_token=self._issuer.issue(identity, time.time()))


def _digest(password: SecretStr) -> bytes:
    return hashlib.sha256(password.get_secret_value().encode()).digest()
