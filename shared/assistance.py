"""Who may give a command for whom 代办: a resident for itself, the desk for a resident who consented."""

import uuid
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field

from shared.errors import Inadmissible, OutOfScope
from shared.fields import PRINTABLE
from shared.identity import Identity

OwnChannel = Literal["app", "web", "kiosk"]
AssistedChannel = Literal["phone", "desk", "visit", "paper"]
Channel = OwnChannel | AssistedChannel
OWN_CHANNELS: tuple[str, ...] = get_args(OwnChannel)
ASSISTED_CHANNELS: tuple[str, ...] = get_args(AssistedChannel)

CHANNELS = "本人办理：app、web、kiosk；代办：phone、desk、visit、paper / own channels, then the desk's"

DESK_ROLES = ("desk",)
"""Who may act on a resident's behalf, at the community or above it."""


@dataclass(frozen=True, slots=True)
class Consent:
    """How a resident agreed that another acts for it, and where the record of that lies."""

    form: Literal["spoken", "signed", "recorded"]
    reference: str


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """Whom a command is for, by which channel it came, and with what consent."""

    resident_id: uuid.UUID
    channel: Channel
    consent: Consent | None

    def recorded(self, by: str) -> dict[str, Any]:
        """Return what the record of a command says of how it came, given by the subject `by`."""
        consent = asdict(self.consent) if self.consent else None
        return {"channel": self.channel, "given_by": by, "consent": consent}


@dataclass(kw_only=True, eq=False)
class ChannelNotAllowed(Inadmissible):
    """The channel is not one by which this caller gives commands."""

    type = "channel-not-allowed"
    title = "渠道与操作人不符"
    title_en = "Channel does not fit the caller"
    detail = "此账号不能以渠道 {channel} 操作，可用渠道：{allowed}。"
    detail_en = "This account cannot act by the channel {channel}; it may use {allowed}."

    channel: str
    allowed: str


@dataclass(kw_only=True, eq=False)
class ConsentMissing(Inadmissible):
    """Someone acts for a resident, and no consent is on record."""

    type = "consent-missing"
    title = "代办须有本人同意记录"
    title_en = "Consent is missing"
    detail = "代居民办理须先征得本人同意，并在 consent 中写明同意方式与记录编号。"
    detail_en = "Acting for a resident takes the resident's consent: give its form and its record in consent."


def subject_of(resident_id: uuid.UUID) -> str:
    """Return a resident's subject, as identities carry it."""
    return f"resident:{resident_id}"


def resident_of(who: Identity) -> uuid.UUID:
    """Return the resident that calls.

    Raises:
        OutOfScope: The caller is no resident.
    """
    kind, _, name = who.subject.partition(":")
    who.require_any("resident")
    try:
        if kind == "resident":
            return uuid.UUID(name)
    except ValueError as error:
        raise OutOfScope(area="*", roles="resident") from error
    raise OutOfScope(area="*", roles="resident")


def admit(on_behalf: OnBehalf, *, by: str, at_desk: bool, area: str) -> None:
    """Admit a command for a resident, given by the subject `by`.

    Args:
        on_behalf: Whom it is for, the channel and the consent.
        by: The caller's subject.
        at_desk: Whether the caller holds one of DESK_ROLES over `area`.
        area: The community that the command is about.

    Raises:
        OutOfScope: The caller is neither the resident nor the desk of the community.
        ChannelNotAllowed: A resident used a channel of the desk, or the other way round.
        ConsentMissing: The desk acts without a consent on record.
    """
    itself = by == subject_of(on_behalf.resident_id)
    if not itself and not at_desk:
        raise OutOfScope(area=area, roles="、".join(DESK_ROLES))
    allowed = OWN_CHANNELS if itself else ASSISTED_CHANNELS
    if on_behalf.channel not in allowed:
        raise ChannelNotAllowed(channel=on_behalf.channel, allowed="、".join(allowed))
    if not itself and on_behalf.consent is None:
        raise ConsentMissing


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
