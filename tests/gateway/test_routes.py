"""The table of routes is what the services offer, row for row."""

import pytest

from gateway.routes import ADMINISTRATOR, EVERYONE, ROUTES, TIMEOUT_S, Route, RouteTable, shape
from tests.shape.apps import app_of
from tests.shape.tree import SERVICES


@pytest.mark.parametrize("service", [*SERVICES, "console"])
def test_every_row_exists_in_its_service_and_every_operation_of_a_service_has_a_row(service: str) -> None:
    paths = app_of(service).openapi()["paths"]
    offered = {(method.upper(), shape(path)) for path, methods in paths.items() for method in methods}
    assert {(route.method, shape(route.path)) for route in ROUTES if route.service == service} == offered


def test_no_two_rows_say_the_same() -> None:
    keys = [(route.method, shape(route.template)) for route in ROUTES]
    assert len(set(keys)) == len(keys)


def test_only_what_reads_whole_books_or_all_deeds_of_an_activity_may_take_minutes() -> None:
    patient = {route.path for route in ROUTES if route.timeout_s > TIMEOUT_S}
    books = {"/integrity", "/books/{community_code}/export", "/books/{community_code}/journal"}
    assert patient == {*books, "/liability/{area}", "/earning-rules/trials", "/own-data"}


def test_rows_name_known_roles_and_at_least_one() -> None:
    assert all(route.roles and route.roles <= {*EVERYONE, ADMINISTRATOR} for route in ROUTES)


def test_a_literal_wins_over_a_parameter_and_what_is_not_there_is_not_found() -> None:
    anyone = frozenset({"desk"})
    one, me = (Route("GET", "points", path, anyone, "read", 1.0) for path in ("/accounts/{id}", "/accounts/me"))
    table = RouteTable([one, me])
    assert table.find("GET", "/v1/points/accounts/me") is me
    assert table.find("GET", "/v1/points/accounts/you") is one
    for method, path in [
        ("POST", "/v1/points/accounts/me"),
        ("GET", "/v1/points"),
        ("GET", "/v1/points/accounts/me/x"),
    ]:
        assert table.find(method, path) is None
