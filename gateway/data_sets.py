"""What the fields of an event are in a data set: of which form and level, and by which rule they are masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from shared.events import Event
from shared.fields import LEVEL, MASK

Form = Literal["text", "number", "yes-no", "time", "json"]
_FORMS: Mapping[str, Form] = {"integer": "number", "boolean": "yes-no", "array": "json", "object": "json"}


@dataclass(frozen=True, slots=True)
class Column:
    """A field: its form in an export, its level of DB33/T 2350, and how it is masked above L1."""

    form: Form
    level: str
    mask: str


OF_ENVELOPE = {"id": Column("text", "L1", "other"), "time": Column("time", "L1", "other")}
"""What a CloudEvent says of itself: its id, and when it was told."""


@cache
def columns_of(event: type[Event]) -> Mapping[str, Column]:
    """Return the fields of an event by name, and beside them those of its envelope; an untagged one is L1."""
    schema = event.model_json_schema()
    definitions = schema.get("$defs", {})
    return OF_ENVELOPE | {name: _column(member, definitions) for name, member in schema["properties"].items()}


def _column(member: dict[str, Any], definitions: dict[str, Any]) -> Column:
    tags = list(_tags(member, definitions))
    level, mask = max(tags, default=("L1", "other"))
    parts = [part for part in member.get("anyOf", [member]) if part.get("type") != "null"]
    kinds = {_form(part) for part in parts}
    return Column(kinds.pop() if len(kinds) == 1 else "json", level, mask)


def _form(part: dict[str, Any]) -> Form:
    if part.get("format") == "date-time":
        return "time"
    return "json" if "$ref" in part else _FORMS.get(str(part.get("type")), "text")


def _tags(part: Any, definitions: dict[str, Any]) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Yield each level with its mask, of a field and of all that it holds."""
    if isinstance(part, list):
        for each in part:
            yield from _tags(each, definitions)
    if not isinstance(part, dict):
        return
    if LEVEL in part:
        yield part[LEVEL], part[MASK]
    if "$ref" in part:
        yield from _tags(definitions[part["$ref"].rpartition("/")[2]], definitions)
    for each in part.values():
        yield from _tags(each, definitions)
