"""Settings that this service alone has."""

from pydantic import Field, SecretStr

from shared.settings import WorkerSettings


class PointsWorkerSettings(WorkerSettings):
    """What the worker of this service needs."""

    seal_private_key: SecretStr = Field(description="PEM of the key (P-256) that signs the books' seals")
