"""Settings that this service alone has."""

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from shared.settings import ProcessSettings, ServiceSettings


class OperationsSettings(ServiceSettings):
    """What the API of this service needs."""

    ocid_prefix: Annotated[str, StringConstraints(pattern=r"^ocds-[a-z0-9]{6}$")] = Field(
        default="ocds-000000", description="The publisher's prefix of open contracting ids, as OCDS registers it"
    )


class LoadSettings(ProcessSettings):
    """What loading reference data needs."""

    database_url: SecretStr
