"""Settings that this service alone has."""

from pydantic import SecretStr

from shared.settings import ProcessSettings


class LoadSettings(ProcessSettings):
    """What loading reference data needs."""

    database_url: SecretStr
