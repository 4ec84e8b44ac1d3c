"""What other people build on, written down under docs/: `python -m tests.contracts.golden` writes it anew.

The OpenAPI of each service and of what the gateway lets through, and a JSON Schema for each event. A schema that
consumers could no longer read is not written: an event only gains fields, and what must change otherwise is told as a
new version.
"""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from gateway.description import aggregate
from gateway.routes import ROUTES
from shared.events import Event
from shared.log.topics import TOPICS
from tests.shape.apps import app_of
from tests.shape.tree import ROOT, SERVICES

OPENAPI = ROOT / "docs" / "openapi"
EVENTS = ROOT / "docs" / "events"
PUBLIC_URL = "http://127.0.0.1:8080"
COMMAND = ".linli/env/bin/python -m tests.contracts.golden"
TEXTS = {"title", "description", "examples"}


def events() -> list[type[Event]]:
    """Return all events, by their type."""
    for topic in TOPICS:
        import_module(f"shared.events.{topic}")
    declared = [event for event in Event.__subclasses__() if event.__module__.startswith("shared.events.")]
    return sorted(declared, key=lambda event: event.type)


def golden() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield each golden file with what it must say."""
    described = {service: app_of(service).openapi() for service in (*SERVICES, "console")}
    yield from ((OPENAPI / f"{service}.json", description) for service, description in described.items())
    yield OPENAPI / "platform.json", aggregate(described, ROUTES, PUBLIC_URL)
    for event in events():
        yield EVENTS / f"{event.type}.json", schema_of(event)


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Describe an event's data by JSON Schema, under its stable name."""
    schema = event.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": event.type, **schema}


def text_of(content: dict[str, Any]) -> str:
    """Write a golden file's text."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Say what in an event's new schema would surprise who reads, or has stored, events of the old one."""
    before, after = _fields(old), _fields(new)
    said = [f"{name} is gone: fields are only added" for name in before.keys() - after.keys()]
    said += [f"{name} means something else now" for name in before.keys() & after.keys() if before[name] != after[name]]
    added = after.keys() - before.keys()
    said += [f"{name} has no default: events told before lack it" for name in added & set(new.get("required", ()))]
    return sorted(said)


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.get("$defs", {})

    def bare(part: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(part, dict):
            reference = definitions.get(str(part.get("$ref", "")).rpartition("/")[2])
            return bare(reference) if reference else {k: bare(v) for k, v in part.items() if k not in TEXTS}
        return [bare(one) for one in part] if isinstance(part, list) else part

    return {name: bare(field) for name, field in schema.get("properties", {}).items()}


def write() -> int:
    """Write the golden files; refuse, and say why, where an event would break its consumers."""
    broken = 0
    for path, content in golden():
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent == EVENTS and path.exists():
            for what in breaks(json.loads(path.read_text(encoding="utf-8")), content):
                print(f"✗ {path.name}: {what}; 请以新版本发布 tell it as a new version", file=sys.stderr)  # noqa: T201
                broken = 1
        if not broken:
            path.write_text(text_of(content), encoding="utf-8")
    return broken


if __name__ == "__main__":
    sys.exit(write())
