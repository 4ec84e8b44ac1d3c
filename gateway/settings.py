"""What the gateway needs, read once in `main` from variables named LINLI_…."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from gateway.issuers import IssuerSettings
from gateway.sealing import RegistryKey
from gateway.sign_on.zheliban import Settings as ZhelibanSettings
from gateway.sign_on.zhezhengding import Settings as ZhezhengdingSettings
from shared.settings import DrainSeconds, ProcessSettings

Replicas = Annotated[
    tuple[str, ...], Field(min_length=1), BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)
]


class GatewaySettings(ProcessSettings):
    """Keys, the services' addresses, the sandbox and where the audit goes."""

    database_url: SecretStr
    database_pool_size: Annotated[int, Field(ge=1)] = 4
    registry_key: RegistryKey
    identity_private_key: SecretStr = Field(description="PEM, P-256: signs identities for the services")
    token_private_key: SecretStr = Field(description="PEM, P-256: signs the local issuer's tokens")
    services: Annotated[
        dict[str, Replicas], Field(min_length=1, description="Base URL, or those of its replicas, of each service")
    ]
    drain_s: DrainSeconds = 0.0
    sandbox: Path | None = Field(default=None, description="JSON of users and applications; none means no local log-in")
    issuers: tuple[IssuerSettings, ...] = Field(default=(), description="JSON: OIDC issuers that are trusted")
    zheliban: ZhelibanSettings | None = Field(default=None, description="JSON: sign-on through 浙里办")
    zhezhengding: ZhezhengdingSettings | None = Field(default=None, description="JSON: sign-on through 浙政钉")
    audit_dir: Path
    metrics_address: Annotated[str, Field(pattern=r"^[^:]*:\d+$")] | None = Field(
        default=None, description="host:port that Prometheus asks; callers never reach it"
    )
    public_url: str = Field(description="What callers call the gateway; also the local issuer's name")
