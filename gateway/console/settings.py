"""What the console and its worker need, read once in `main` and `worker`."""

from typing import Annotated

from pydantic import AfterValidator, Field, IPvAnyNetwork, SecretStr

from gateway.console.verification.client import Settings as DataSharingSettings
from gateway.sealing import RegistryKey
from shared.settings import ServiceSettings, WorkerSettings
from shared.sm2 import KeyPair


def _is_key_pair(value: SecretStr) -> SecretStr:
    KeyPair.read(value.get_secret_value())
    return value


ExchangeKey = Annotated[
    SecretStr,
    AfterValidator(_is_key_pair),
    Field(description="SM2, 32 bytes private and 64 public in hexadecimal: signs data packages"),
]


class ConsoleSettings(ServiceSettings):
    """What a service's API needs, and the key that encrypts secrets."""

    registry_key: RegistryKey
    exchange_key: ExchangeKey


class ConsoleWorkerSettings(WorkerSettings):
    """What a worker needs, and what sending webhooks takes."""

    registry_key: RegistryKey
    mqtt: SecretStr | None = Field(
        default=None, description="mqtt://[user:password@]host[:port] of the broker that devices use"
    )
    data_sharing: DataSharingSettings | None = Field(
        default=None, description="JSON: the province's data-sharing platform, which checks are asked of"
    )
    webhook_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Not public, and yet webhooks may go there, by plain HTTP too: a government network"
    )
