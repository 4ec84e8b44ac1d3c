"""The events of the platform, by type: what the portal lists, and what a subscription may be to."""

from shared.events import Event, gateway, operations, points, scenarios

EVENTS = {
    each.type: each
    for module in (gateway, operations, points, scenarios)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Event) and each is not Event
}
SUBSCRIBABLE = {name: each for name, each in EVENTS.items() if each.topic() != "gateway"}
"""The gateway's worker takes in what the others tell, and so can pass it on."""
