"""Settings that this service alone has."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from services.scenarios.reports.rules import Kind
from shared.fields import AreaPrefix
from shared.settings import WorkerSettings


class City(BaseModel):
    """An Open311 endpoint of others, which takes reports from an area."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: AreaPrefix
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^?#]*[^?#/]$")]
    api_key: SecretStr
    jurisdiction_id: str | None = None
    services: Annotated[dict[Kind, str], Field(min_length=1, description="Its service_code for each kind of report")]


class ScenariosWorkerSettings(WorkerSettings):
    """What the worker of this service needs."""

    open311: list[City] = Field(default=[], description="Where reports are handed over to; none: nowhere")
