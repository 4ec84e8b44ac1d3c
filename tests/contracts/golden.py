"""What other people build on, written down under docs/: `python -m tests.contracts.golden` writes it anew.

The OpenAPI of each service and of what the gateway lets through, and a JSON Schema for each event. A schema that
consumers could no longer read is not written: an event only gains fields, and what must change otherwise is told as a
new version.
"""

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from http import HTTPStatus
from pathlib import Path
from typing import Any

from gateway.aggregate import aggregate
from gateway.portal.asyncapi import description, events
from gateway.routes import ROUTES
from shared.errors import Refusal
from shared.events import Event
from shared.fields import LEVEL, MASK
from shared.problems import _STATUS_TITLES
from tests.shape.apps import app_of, import_product
from tests.shape.tree import ROOT, SERVICES, sources, tree_of

OPENAPI = ROOT / "docs" / "openapi"
EVENTS = ROOT / "docs" / "events"
PROBLEMS = ROOT / "gateway" / "problems.json"
PUBLIC_URL = "https://linli.example"
COMMAND = ".linli/env/bin/python -m tests.contracts.golden"
TEXTS = {"title", "description", "examples", LEVEL, MASK}
"""What says something of a field, and nothing of which values it takes."""


def problem_catalogue() -> list[dict[str, Any]]:
    """Describe each type of problem that services and gateway refuse with, by type; facts stand as {names}."""
    import_product()
    found: dict[str, dict[str, Any]] = {}
    for refusal in sorted(refusals(), key=lambda each: (each.type, each.__module__)):
        described = {name: getattr(refusal, name) for name in ("type", "title", "title_en", "status")}
        words = {"detail": refusal.detail, "detail_en": refusal.detail_en}
        members = sorted(field.name for field in fields(refusal))
        found.setdefault(refusal.type, {**described, **words, "members": members})
    for each in [*_written_in_place(), *_OF_HTTP]:
        found.setdefault(each["type"], each)
    return sorted(found.values(), key=lambda each: str(each["type"]))


def _of_http(status: HTTPStatus) -> dict[str, Any]:
    """Describe what the framework itself answers (`shared.problems.install`)."""
    return {
        "type": status.phrase.lower().replace(" ", "-"),
        "title": _STATUS_TITLES[status],
        "title_en": status.phrase,
        "status": status.value,
        "detail": "请求未能完成，请核对地址、方法与内容。",
        "detail_en": f"{status.phrase}. Check the address, the method and the body.",
        "members": [],
    }


_OF_HTTP = [
    _of_http(status) for status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
]


def _written_in_place() -> Iterator[dict[str, Any]]:
    """Yield the problems that the edge answers in place: calls of `problem(status, type, …)`."""
    for path in sources("gateway", "shared", "services"):
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {"problem", "problems.problem"}:
                continue
            status, kind = (
                ast.literal_eval(each) if isinstance(each, ast.Constant) else None for each in node.args[:2]
            )
            if not isinstance(status, int):
                continue
            words = {each.arg: _words(each.value) for each in node.keywords if each.arg in {"detail", "detail_en"}}
            phrase = HTTPStatus(status).phrase
            titles = {"title": _STATUS_TITLES[status], "title_en": phrase}
            facts = [each.value for each in node.keywords if each.arg == "facts"]
            members = [
                str(ast.literal_eval(key)) for fact in facts if isinstance(fact, ast.Dict) for key in fact.keys if key
            ]
            yield {"type": kind, **titles, "status": status, **words, "members": members}


def _words(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in parts)


def refusals(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Yield the refusals of the product that have a type of their own."""
    for subclass in of.__subclasses__():
        if "type" in vars(subclass) and subclass.__module__.startswith(("gateway.", "services.", "shared.")):
            yield subclass
        yield from refusals(subclass)


def golden() -> Iterator[tuple[Path, Any]]:
    """Yield each golden file with what it must say."""
    yield PROBLEMS, problem_catalogue()
    described = {service: app_of(service).openapi() for service in (*SERVICES, "console")}
    yield from ((OPENAPI / f"{service}.json", description) for service, description in described.items())
    yield OPENAPI / "platform.json", aggregate(described, ROUTES, PUBLIC_URL)
    yield ROOT / "docs" / "asyncapi.json", description()
    for event in events():
        yield EVENTS / f"{event.type}.json", schema_of(event)


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Describe an event's data by JSON Schema, under its stable name."""
    schema = event.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": event.type, **schema}


def text_of(content: Any) -> str:  # noqa: ANN401 - any JSON
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
