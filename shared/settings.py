"""Settings of a process, read once in its `main` or `worker` from variables named LINLI_…, and passed on."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CELL = r"^(\d{6})?$"
DrainSeconds = Annotated[
    float,
    Field(ge=0, le=5, description="After SIGTERM: serve on, not ready any more, until nobody has called for so long"),
]


class ProcessSettings(BaseSettings):
    """What each process needs."""

    model_config = SettingsConfigDict(env_prefix="LINLI_", frozen=True)

    log_level: str = "INFO"
    otlp_endpoint: str | None = Field(
        default=None, description="URL at which a collector takes traces by OTLP over HTTP; none means no spans"
    )


class ServiceSettings(ProcessSettings):
    """What a service's API needs."""

    database_url: SecretStr
    database_pool_size: Annotated[int, Field(ge=1)] = 8
    drain_s: DrainSeconds = 0.0
    identity_public_key: str = Field(description="PEM of the key that verifies the gateway's identity tokens")


class WorkerSettings(ProcessSettings):
    """What a service's worker needs."""

    database_url: SecretStr
    events: Annotated[str, Field(pattern=r"^(postgres|kafka://[^/]+)$")] = "postgres"
    log_databases: dict[str, SecretStr] = Field(
        default={}, description="With events=postgres: each producer's outbox, read by the role linli_log"
    )
    cell: str = Field(default="", pattern=CELL, description="The district whose cell this is; empty: one cell for all")
    other_cells: list[Annotated[str, Field(pattern=r"^\d{6}$")]] = Field(
        default=[], description="The cells whose events of the same service this one takes in too"
    )
