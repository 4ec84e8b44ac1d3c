"""The public interface as a table of data. What is not in it does not exist: denied by default.

A row is method, path in the service, roles that may call; the public path is /v1/<service><path>. The limit class is
`read` or `write` unless the row says otherwise: `administer` for what staff enter by the hundred, `ingest` for what
devices report. Whether a role reaches to the object at hand is the service's to say.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

PREFIX = "/v1/"
READS = frozenset({"GET"})

RESIDENT, DESK, OPERATOR, OFFICIAL = "resident", "desk", "operator", "official"
MERCHANT, DEVICE, MINI_APP, AUDITOR = "merchant", "device", "mini-app", "auditor"
EVERYONE = (RESIDENT, DESK, OPERATOR, OFFICIAL, MERCHANT, DEVICE, MINI_APP, AUDITOR)
STAFF = (DESK, OPERATOR, OFFICIAL)
PEOPLE = (RESIDENT, *STAFF, MINI_APP)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation that the gateway lets through.

    Attributes:
        method: Of HTTP.
        service: The service that answers, by its name in the settings.
        path: The path in the service, such as `/quotes/{quote_id}`.
        roles: Who may call; one of them is enough.
        limit: The limit class.
        timeout_s: How long a caller is made to wait at most.
    """

    method: str
    service: str
    path: str
    roles: frozenset[str]
    limit: str
    timeout_s: float
    template: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "template", f"{PREFIX}{self.service}{self.path}")

    @property
    def writes(self) -> bool:
        """Tell whether it may change something."""
        return self.method not in READS


def _routes(
    service: str, *rows: tuple[str, str, tuple[str, ...]] | tuple[str, str, tuple[str, ...], str]
) -> list[Route]:
    return [
        Route(method, service, path, frozenset(roles), limit[0] if limit else _limit(method), 10.0)
        for method, path, roles, *limit in rows
    ]


def _limit(method: str) -> str:
    return "read" if method in READS else "write"


ROUTES = (
    *(
        route
        for service in ("points", "scenarios", "operations")
        for route in _routes(service, ("GET", "/event-flow", (OFFICIAL, AUDITOR)))
    ),
    *_routes(
        "points",
        ("POST", "/corridors", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/corridors", EVERYONE),
        ("POST", "/corridors/agreements", (OPERATOR, OFFICIAL)),
        ("POST", "/earning-rules", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/earning-rules", EVERYONE),
        ("POST", "/deeds", (DEVICE, DESK), "ingest"),
        ("POST", "/deeds/batch", (DEVICE, DESK), "ingest"),
        ("GET", "/accounts/me", (RESIDENT,)),
        ("GET", "/residents/{resident_id}/account", STAFF),
        ("POST", "/quotes", (RESIDENT,)),
        ("POST", "/redemptions", (RESIDENT,)),
        ("GET", "/redemptions/{redemption_id}", (RESIDENT, *STAFF, MERCHANT)),
        ("GET", "/clearing/positions/{community_code}", (OPERATOR, OFFICIAL, AUDITOR)),
        ("GET", "/integrity", (OFFICIAL, AUDITOR)),
        ("GET", "/merchants/{merchant_id}", EVERYONE),
    ),
    *_routes(
        "scenarios",
        ("POST", "/spaces", STAFF, "administer"),
        ("GET", "/spaces", EVERYONE),
        ("GET", "/spaces/{space_id}", EVERYONE),
        ("GET", "/spaces/{space_id}/free", EVERYONE),
        ("POST", "/bookings", PEOPLE),
        ("GET", "/bookings/{booking_id}", PEOPLE),
        ("POST", "/bookings/{booking_id}/cancellation", PEOPLE),
        ("POST", "/activities", STAFF, "administer"),
        ("GET", "/activities", EVERYONE),
        ("GET", "/activities/{activity_id}", EVERYONE),
        ("POST", "/activities/{activity_id}/sign-ups", PEOPLE),
        ("POST", "/activities/{activity_id}/check-ins", (*PEOPLE, DEVICE), "ingest"),
        ("POST", "/activities/{activity_id}/check-outs", (*PEOPLE, DEVICE), "ingest"),
    ),
    *_routes(
        "operations",
        ("POST", "/communities", (OFFICIAL,), "administer"),  # a district comes with some two hundred
        ("GET", "/communities", EVERYONE),
        ("GET", "/communities/areas/{prefix}", EVERYONE),
        ("GET", "/communities/{code}", EVERYONE),
        ("POST", "/communities/{code}/profile", (OFFICIAL,), "administer"),
        ("POST", "/subsidies", (OFFICIAL,)),
        ("GET", "/subsidies/{subsidy_id}", STAFF),
        ("POST", "/subsidies/{subsidy_id}/payments", (OFFICIAL,)),
        ("POST", "/subsidies/{subsidy_id}/clawbacks", (OFFICIAL,)),
        ("POST", "/purchases", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/anomalies", (OFFICIAL, AUDITOR)),
        ("POST", "/tenders", (OFFICIAL,)),
        ("GET", "/tenders/{tender_id}", EVERYONE),
        ("POST", "/tenders/{tender_id}/bids", (OFFICIAL, MERCHANT)),
        ("POST", "/tenders/{tender_id}/declarations", (OFFICIAL,)),
        ("POST", "/tenders/{tender_id}/ballots", (OFFICIAL,)),
        ("POST", "/tenders/{tender_id}/ballots/opening", (OFFICIAL,)),
        ("POST", "/tenders/{tender_id}/award", (OFFICIAL,)),
        ("POST", "/projects", (OFFICIAL,)),
        ("GET", "/projects", STAFF),
        ("GET", "/projects/{project_id}", STAFF),
        ("POST", "/projects/{project_id}/plans", (OFFICIAL,)),
        ("POST", "/projects/{project_id}/gates", (OFFICIAL,)),
        ("POST", "/providers", (OFFICIAL,), "administer"),
        ("GET", "/providers/{provider_id}", EVERYONE),
        ("POST", "/providers/{provider_id}/licences", (OFFICIAL,), "administer"),
        ("POST", "/providers/{provider_id}/listing", (OFFICIAL,)),
        ("POST", "/providers/{provider_id}/debarment", (OFFICIAL,)),
        ("POST", "/providers/{provider_id}/rehabilitation", (OFFICIAL,)),
        ("POST", "/providers/{provider_id}/decisions/{revision}/appeal", (OFFICIAL, MERCHANT)),
        ("POST", "/providers/{provider_id}/decisions/{revision}/appeal/answer", (OFFICIAL,)),
        ("POST", "/contracts", (OFFICIAL,), "administer"),
        ("GET", "/contracts/{contract_id}", (*STAFF, MERCHANT)),
        ("POST", "/contracts/{contract_id}/signatures", (OFFICIAL, MERCHANT)),
        ("POST", "/contracts/{contract_id}/versions", (OFFICIAL,)),
        ("POST", "/contracts/{contract_id}/state", (OFFICIAL,)),
        ("POST", "/contracts/{contract_id}/barter/deliveries", (OFFICIAL, DESK)),
        ("POST", "/contracts/{contract_id}/barter/true-ups", (OFFICIAL,)),
        ("GET", "/contracts/{contract_id}/barter/{line_no}", (*STAFF, MERCHANT)),
        ("GET", "/contracts/{contract_id}/bills", (*STAFF, MERCHANT)),
        ("POST", "/contracts/{contract_id}/deliveries", (OFFICIAL, DESK)),
        ("POST", "/contracts/{contract_id}/settlements", (OFFICIAL,)),
        ("POST", "/contracts/{contract_id}/retention-release", (OFFICIAL,)),
        ("GET", "/contracts/{contract_id}/kpis/{month}", (*STAFF, MERCHANT)),
        ("POST", "/contracts/{contract_id}/kpis/{month}/disputes", (*STAFF, MERCHANT)),
        ("POST", "/contracts/{contract_id}/kpis/{month}/disputes/answers", (OFFICIAL,)),
        ("GET", "/merchants/{merchant_id}/receivables", (OPERATOR, OFFICIAL, MERCHANT)),
    ),
)


def shape(path: str) -> str:
    """Return a path template without the names of its parameters, which each side may choose."""
    return re.sub(r"\{[^}]*\}", "{}", path)


class RouteTable:
    """Finds the route of a method and path."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[list[str | None], Route]]] = defaultdict(list)
        for route in routes:
            parts = [None if part.startswith("{") else part for part in route.template.split("/")]
            self._by_shape[route.method, len(parts)].append((parts, route))
        for candidates in self._by_shape.values():
            # A literal wins over a parameter, whatever the order of the table.
            candidates.sort(key=lambda candidate: candidate[0].count(None))

    def find(self, method: str, path: str) -> Route | None:
        """Return the route, or nothing. The path is in normal form (`gateway.framing`)."""
        asked = path.split("/")
        for parts, route in self._by_shape.get((method, len(asked)), ()):
            if all(part is None or part == given for part, given in zip(parts, asked, strict=True)):
                return route
        return None
