"""The events as AsyncAPI 3.0: one channel per topic, one message per type, whose schema is the event's own model."""

from functools import cache
from typing import Any

from gateway.events import EVENTS
from shared.events import Event
from shared.log.topics import TOPICS

_ABOUT = (
    "平台各服务发布的事件（CloudEvents 1.0，JSON）。字段只增不减；事件不含姓名、电话、地址。\n\n"
    "What the services tell, as CloudEvents 1.0 in JSON. Fields are only added; nobody's name is in it."
)
_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"type": "string", "format": "uri"},
        "type": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "partitionkey": {"type": "string"},
        "traceparent": {"type": "string"},
        "datacontenttype": {"const": "application/json"},
    },
}


def events() -> tuple[type[Event], ...]:
    """Return all that is told, by type."""
    return tuple(EVENTS[name] for name in sorted(EVENTS))


@cache
def description() -> dict[str, Any]:
    """Return the AsyncAPI document."""
    messages = {each.type: _message(each) for each in events()}
    topics = [topic for topic in TOPICS if any(each.topic() == topic for each in events())]
    channels = {
        topic: {"address": topic, "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in _told_on(topic)}}
        for topic in topics
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "邻里事件 Linli events", "version": "1", "description": _ABOUT},
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": {
            f"tell-{topic}": {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}} for topic in topics
        },
        "components": {"messages": messages},
    }


def _told_on(topic: str) -> list[str]:
    return [each.type for each in events() if each.topic() == topic]


def _message(event: type[Event]) -> dict[str, Any]:
    within = f"#/components/messages/{event.type}/payload/properties/data/$defs/{{model}}"
    data = event.model_json_schema(ref_template=within)
    properties = {**_ENVELOPE["properties"], "type": {"const": event.type}, "data": data}
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": (event.__doc__ or "").partition("\n")[0],
        "contentType": "application/cloudevents+json",
        "payload": {**_ENVELOPE, "properties": properties},
    }
