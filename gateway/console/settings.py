"""What the console needs, read once in `main`."""

from gateway.sealing import RegistryKey
from shared.settings import ServiceSettings


class ConsoleSettings(ServiceSettings):
    """What a service's API needs, and the key that encrypts secrets."""

    registry_key: RegistryKey
