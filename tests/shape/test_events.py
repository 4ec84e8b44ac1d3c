"""An event has one well-formed name under a topic that there is, and is a frozen fact about a community."""

import re
from collections import Counter

from gateway.portal.asyncapi import events
from shared.log.topics import TOPICS

TYPE = re.compile(r"[a-z]+\.[a-z][a-z0-9]*(-[a-z0-9]+)*\.v[1-9][0-9]*")
PRESENT = re.compile(r"\b(create|update|delete|earn|redeem|book|register|list|complete)\b")


def test_the_type_of_an_event_is_its_own_and_well_formed() -> None:
    uses = Counter(event.type for event in events())
    assert not [kind for kind, times in uses.items() if times > 1 or not TYPE.fullmatch(kind)]


def test_an_event_is_told_under_the_topic_of_the_file_that_declares_it() -> None:
    astray = [event.type for event in events() if event.topic() != event.__module__.rpartition(".")[2]]
    assert not astray
    assert {event.topic() for event in events()} <= TOPICS.keys()


def test_an_event_is_frozen_and_named_in_the_past_tense() -> None:
    assert not [event.__name__ for event in events() if not event.model_config.get("frozen")]
    assert not [event.type for event in events() if PRESENT.search(event.type.split(".")[1])]


def test_the_name_of_an_event_is_that_of_its_class() -> None:
    named = {event.type: re.sub(r"(?<!^)(?=[A-Z])", "-", event.__name__).lower() for event in events()}
    assert not [kind for kind, name in named.items() if kind.split(".")[1] != name]
