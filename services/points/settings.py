"""Settings that this service alone has."""

import re

from pydantic import Field, SecretStr

from shared.settings import CELL, ProcessSettings, ServiceSettings, WorkerSettings

_PEM = re.compile(r"-----BEGIN [^-]+-----.+?-----END [^-]+-----", re.DOTALL)


class ImportSettings(ProcessSettings):
    """What importing a book needs."""

    database_url: SecretStr


class PointsSettings(ServiceSettings):
    """What the API of this service needs."""

    cell: str = Field(default="", pattern=CELL, description="The district whose cell this is; empty: one cell for all")

    code_key: SecretStr = Field(description="64 hexadecimal digits; signs the codes that are shown at tills")
    seal_public_keys: str = Field(description="PEM of the keys that seals are to be signed with, one after another")

    @property
    def seal_keys(self) -> list[str]:
        """The keys, each by itself."""
        return _PEM.findall(self.seal_public_keys)


class PointsWorkerSettings(WorkerSettings):
    """What the worker of this service needs."""

    seal_private_key: SecretStr = Field(description="PEM of the key (P-256) that signs the books' seals")
