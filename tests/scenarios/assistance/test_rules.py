"""Who may give a command for whom."""

import uuid
from typing import get_args

import pytest

from shared.assistance import (
    AssistedChannel,
    Channel,
    ChannelNotAllowed,
    Consent,
    ConsentMissing,
    OnBehalf,
    OwnChannel,
    admit,
    subject_of,
)
from shared.errors import OutOfScope

AREA = "330281002015"
RESIDENT = uuid.uuid4()
CONSENT = Consent("spoken", "call 12")


@pytest.mark.parametrize("channel", get_args(OwnChannel))
def test_a_resident_acts_for_itself_by_its_own_channels_without_consent(channel: Channel) -> None:
    admit(OnBehalf(RESIDENT, channel, None), by=subject_of(RESIDENT), at_desk=False, area=AREA)


@pytest.mark.parametrize("channel", get_args(AssistedChannel))
def test_the_desk_acts_for_a_resident_by_its_channels_with_consent(channel: Channel) -> None:
    admit(OnBehalf(RESIDENT, channel, CONSENT), by="staff:li", at_desk=True, area=AREA)


@pytest.mark.parametrize("channel", get_args(AssistedChannel))
def test_the_desk_needs_the_resident_s_consent(channel: Channel) -> None:
    with pytest.raises(ConsentMissing):
        admit(OnBehalf(RESIDENT, channel, None), by="staff:li", at_desk=True, area=AREA)


@pytest.mark.parametrize("channel", get_args(OwnChannel))
def test_the_desk_cannot_pretend_that_the_resident_acted(channel: Channel) -> None:
    with pytest.raises(ChannelNotAllowed, match="phone、desk、visit、paper"):
        admit(OnBehalf(RESIDENT, channel, CONSENT), by="staff:li", at_desk=True, area=AREA)


@pytest.mark.parametrize("channel", get_args(AssistedChannel))
def test_a_resident_cannot_pretend_to_have_been_at_the_desk(channel: Channel) -> None:
    with pytest.raises(ChannelNotAllowed):
        admit(OnBehalf(RESIDENT, channel, CONSENT), by=subject_of(RESIDENT), at_desk=False, area=AREA)


@pytest.mark.parametrize("by", [subject_of(uuid.uuid4()), "staff:elsewhere", "application:kiosk"])
def test_nobody_else_acts_for_a_resident(by: str) -> None:
    with pytest.raises(OutOfScope):
        admit(OnBehalf(RESIDENT, "desk", CONSENT), by=by, at_desk=False, area=AREA)
