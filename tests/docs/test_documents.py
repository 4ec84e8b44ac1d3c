"""The documents say what is true: the table of events, links, and what a service's page must tell."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from deploy.bare.places import ROOT
from deploy.bare.provision import SERVICES
from gateway.console.exchange.consumers import keep_messages
from gateway.console.webhooks.consumers import note_messages
from services.points.crossings.consumers import handlers_of
from shared.events import Event
from shared.inbox import Handler
from shared.log.topics import TOPICS

ROW = re.compile(r"^\| `([a-z-]+\.[a-z-]+\.v\d+)` \| ([^|]+?) \| ([^|]+?) \|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)\)")
SECTIONS = ("Owns", "Publishes", "Consumes", "Invariants")


def documents() -> list[Path]:
    folders = ("docs", "services", "gateway", "shared", "deploy", "benchmarks", "tests")
    return sorted([*ROOT.glob("*.md"), *(page for folder in folders for page in (ROOT / folder).rglob("*.md"))])


def declared_types() -> set[str]:
    for service in TOPICS:
        import_module(f"shared.events.{service}")
    return {event.type for event in Event.__subclasses__() if event.__module__.startswith("shared.events.")}


def consumers_in_code() -> dict[str, set[str]]:
    consumers: dict[str, set[str]] = {}
    workers = {"gateway": "gateway.console.worker", **{service: f"services.{service}.worker" for service in SERVICES}}
    for service, module in workers.items():
        handlers: tuple[Handler, ...] = import_module(module).HANDLERS
        between_cells = handlers_of("") if service == "points" else ()
        for handler in (*handlers, *between_cells):
            if handler.take in {note_messages, keep_messages}:
                continue  # it passes messages on, whatever they tell
            consumers.setdefault(handler.event.type, set()).add(service)
    return consumers


def test_the_table_of_events_is_that_of_the_code() -> None:
    rows = ROW.findall((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    told = {kind: set(consumers.split(", ")) - {"nobody yet"} for kind, _, consumers in rows}
    taken = consumers_in_code()
    assert told == {kind: taken.get(kind, set()) for kind in declared_types()}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (document.parent / link).exists(), link


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_what_it_owns_publishes_consumes_and_holds(service: str) -> None:
    page = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\w+)", page, re.MULTILINE)
    assert set(SECTIONS) <= set(headings)
    for event in (each for each in Event.__subclasses__() if each.__module__ == f"shared.events.{service}"):
        assert event.type in page or event.__name__ in page, event.type
