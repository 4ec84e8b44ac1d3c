"""What the console and its worker need, read once in `main` and `worker`."""

from pydantic import Field, IPvAnyNetwork, SecretStr

from gateway.sealing import RegistryKey
from shared.settings import ServiceSettings, WorkerSettings


class ConsoleSettings(ServiceSettings):
    """What a service's API needs, and the key that encrypts secrets."""

    registry_key: RegistryKey


class ConsoleWorkerSettings(WorkerSettings):
    """What a worker needs, and what sending webhooks takes."""

    registry_key: RegistryKey
    mqtt: SecretStr | None = Field(
        default=None, description="mqtt://[user:password@]host[:port] of the broker that devices use"
    )
    webhook_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Not public, and yet webhooks may go there, by plain HTTP too: a government network"
    )
