"""What the body of every command about a resident carries."""

import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.scenarios.assistance.rules import Channel, Consent, OnBehalf
from shared.fields import PRINTABLE

CHANNELS = "本人办理：app、web、kiosk；代办：phone、desk、visit、paper / own channels, then the desk's"


class ConsentBody(BaseModel):
    """How the resident agreed, and where the record of it lies 本人同意记录."""

    form: Annotated[Literal["spoken", "signed", "recorded"], Field(description="口头、签字、录音")]
    reference: Annotated[
        str, Field(min_length=1, max_length=200, pattern=PRINTABLE, description="同意记录的编号或存放处")
    ]


class ChannelBody(BaseModel):
    """By which channel a command came, and with what consent."""

    channel: Annotated[Channel, Field(description=CHANNELS)]
    consent: Annotated[ConsentBody | None, Field(description="代办时必填 / required when acting for another")] = None

    def recorded_consent(self) -> Consent | None:
        """Return the consent as the rules take it."""
        return Consent(self.consent.form, self.consent.reference) if self.consent else None


class ResidentBody(ChannelBody):
    """A command for a resident."""

    resident_id: Annotated[uuid.UUID, Field(description="为谁办理 / whom it is for")]

    def on_behalf(self) -> OnBehalf:
        """Return whom the command is for, as the rules take it."""
        return OnBehalf(self.resident_id, self.channel, self.recorded_consent())
