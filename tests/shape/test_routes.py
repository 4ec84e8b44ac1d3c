"""Each route of a service writes once per key and commits before it answers."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant

from shared.database import transaction
from shared.grouped_route import GroupedRoute
from shared.idempotency import IdempotentRoute
from tests.shape.apps import app_of, routes
from tests.shape.tree import SERVICES

READS = {"GET", "HEAD"}
ROUTES = list(routes())


def test_every_write_takes_an_idempotency_key() -> None:
    writes = [(module, route) for module, route in ROUTES if set(route.methods or ()) - READS]
    careless = [
        f"{module} {route.path}" for module, route in writes if not isinstance(route, IdempotentRoute | GroupedRoute)
    ]
    assert not careless, "make the router with route_class=IdempotentRoute"


def test_every_transaction_commits_before_the_answer_leaves() -> None:
    late = [
        f"{module} {route.path}"
        for module, route in ROUTES
        for dependant in _dependants(route.dependant)
        if dependant.call is transaction and dependant.scope != "function"
    ]
    assert not late, "take shared.database.Transaction: with FastAPI's own scope a 201 leaves before its commit"


def test_routes_have_titles_in_both_languages() -> None:
    untitled = [f"{module} {route.path}" for module, route in ROUTES if " / " not in (route.summary or "")]
    assert not untitled, "summary='中文 / English'"


@pytest.mark.parametrize("service", SERVICES)
def test_every_declared_route_is_served(service: str) -> None:
    described = app_of(service).openapi()["paths"]
    declared = {route.path for module, route in ROUTES if module.startswith(f"services.{service}.")}
    assert declared <= described.keys(), "services/<service>/main.py lists the slices"


def _dependants(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for needed in dependant.dependencies:
        yield from _dependants(needed)
