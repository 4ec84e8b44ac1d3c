"""What is written under docs/ for others to build on is what the program does."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.portal.asyncapi import events
from tests.contracts.golden import COMMAND, EVENTS, OPENAPI, breaks, golden, text_of
from tests.shape.tree import ROOT

GOLDEN = list(golden())


@pytest.mark.parametrize(("path", "content"), GOLDEN, ids=[str(path.relative_to(ROOT)) for path, _ in GOLDEN])
def test_the_description_under_docs_is_the_present_one(path: Path, content: dict[str, Any]) -> None:
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    assert written == text_of(content), f"write it anew: {COMMAND}"


def test_an_event_only_gains_fields() -> None:
    described = [(path, content) for path, content in GOLDEN if path.parent == EVENTS and path.exists()]
    broken = {path.stem: breaks(json.loads(path.read_text(encoding="utf-8")), content) for path, content in described}
    assert not {event: said for event, said in broken.items() if said}, "tell it as a new version, .v2"


def test_what_was_told_once_is_told_still() -> None:
    told = {path.stem for path in EVENTS.glob("*.json")}
    assert not told - {event.type for event in events()}, "consumers wait for these events"
    assert {path for path, _ in GOLDEN} >= set(OPENAPI.glob("*.json"))


def _schema(required: tuple[str, ...] = ("a",), **properties: object) -> dict[str, Any]:
    return {"properties": properties, "required": list(required)}


HARMLESS = [
    _schema(a={"type": "string", "description": "said better"}),
    _schema(a={"type": "string"}, b={"type": "integer", "default": 0}),
]
BREAKING = {
    "a is gone": _schema((), b={"type": "string", "default": ""}),
    "a means something else": _schema(a={"type": "integer"}),
    "a means": {**_schema(a={"$ref": "#/$defs/A"}), "$defs": {"A": {"type": "string", "enum": ["one"]}}},
    "b has no default": _schema(("a", "b"), a={"type": "string"}, b={"type": "integer"}),
}


def test_a_schema_that_consumers_cannot_read_is_noticed() -> None:
    old = _schema(a={"type": "string"})
    assert [breaks(old, new) for new in HARMLESS] == [[], []]
    assert [breaks(old, new)[0].startswith(said) for said, new in BREAKING.items()] == [True] * len(BREAKING)
