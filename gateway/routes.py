"""The public interface as a table of data. What is not in it does not exist: denied by default.

A row is method, path in the service, roles that may call; the public path is /v1/<service><path>. The limit class is
`read` or `write` unless the row says otherwise: `administer` for what staff enter by the hundred, `ingest` for what
devices report, `audit` for what reads a whole book, or all deeds, and may take minutes. Whether a role reaches to the
object at hand is the service's to say.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

PREFIX = "/v1/"
READS = frozenset({"GET"})
TIMEOUT_S, AUDIT_TIMEOUT_S = 10.0, 600.0
READING, EARNING, SETTLING = 1, 2, 3
"""Levels of verification of a user: 1 reads, 2 earns and redeems, 3 transfers and settles."""
_SETTLES = re.compile(r"transfer|gift|settle|agreement|payout|clearing")

RESIDENT, DESK, OPERATOR, OFFICIAL = "resident", "desk", "operator", "official"
MERCHANT, DEVICE, MINI_APP, AUDITOR = "merchant", "device", "mini-app", "auditor"
ADMINISTRATOR = "administrator"
EVERYONE = (RESIDENT, DESK, OPERATOR, OFFICIAL, MERCHANT, DEVICE, MINI_APP, AUDITOR)
STAFF = (DESK, OPERATOR, OFFICIAL)
PEOPLE = (RESIDENT, *STAFF, MINI_APP)
APPLICATIONS = (OFFICIAL, OPERATOR, MERCHANT, DEVICE, MINI_APP)
"""The roles that applications are granted, by their classes; of people who hold them, a service asks more."""

HOLDERS = ("points", "scenarios", "operations", "console")
"""The services with a database, and so with something of residents in it."""


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
    operation: str = field(init=False)
    level: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "template", f"{PREFIX}{self.service}{self.path}")
        object.__setattr__(self, "operation", f"{self.method} {self.template}")
        wanted = READING if not self.writes else SETTLING if _SETTLES.search(self.path) else EARNING
        object.__setattr__(self, "level", wanted)

    @property
    def writes(self) -> bool:
        """Tell whether it may change something."""
        return self.method not in READS


def _routes(
    service: str, *rows: tuple[str, str, tuple[str, ...]] | tuple[str, str, tuple[str, ...], str]
) -> list[Route]:
    return [
        Route(method, service, path, frozenset(roles), limit[0] if limit else _limit(method), _timeout_s(*limit))
        for method, path, roles, *limit in rows
    ]


def _timeout_s(limit: str = "") -> float:
    return AUDIT_TIMEOUT_S if limit == "audit" else TIMEOUT_S


def _limit(method: str) -> str:
    return "read" if method in READS else "write"


ROUTES = (
    *(
        route
        for service in HOLDERS
        for route in _routes(
            service, ("GET", "/event-flow", (OFFICIAL, AUDITOR)), ("GET", "/own-data", (RESIDENT,), "audit")
        )
    ),
    *_routes(
        "points",
        ("POST", "/corridors", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/corridors", EVERYONE),
        ("POST", "/corridors/agreements", (OPERATOR, OFFICIAL)),
        ("POST", "/proposals", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/proposals", (OPERATOR, OFFICIAL, AUDITOR)),
        ("POST", "/proposals/{proposal_id}/decision", (OPERATOR, OFFICIAL), "administer"),
        ("POST", "/earning-rules/trials", (OPERATOR, OFFICIAL), "audit"),
        ("GET", "/earning-rules", EVERYONE),
        ("POST", "/deeds", (DEVICE, DESK), "ingest"),
        ("POST", "/deeds/batch", (DEVICE, DESK), "ingest"),
        ("GET", "/deeds/pending", (RESIDENT, *STAFF)),
        ("POST", "/deeds/verifications", STAFF, "administer"),
        ("GET", "/accounts/me/honour", (RESIDENT,)),
        ("GET", "/leaderboards", (RESIDENT, *STAFF)),
        ("GET", "/accounts/me", (RESIDENT,)),
        ("GET", "/accounts/me/entries", (RESIDENT,)),
        ("GET", "/accounts/me/balance", (RESIDENT,)),
        ("GET", "/residents/{resident_id}/account", STAFF),
        ("POST", "/accounts/me/erasure", (RESIDENT,)),
        ("POST", "/residents/{resident_id}/erasure", (DESK,)),
        ("POST", "/hours/conversion-rules", (OPERATOR, OFFICIAL)),
        ("POST", "/hours/conversion-rules/agreements", (OFFICIAL,)),
        ("POST", "/hours/conversions", (RESIDENT,)),
        ("POST", "/time-bank/gifts", (RESIDENT,)),
        ("POST", "/time-bank/donations", (RESIDENT,)),
        ("POST", "/time-bank/heir", (RESIDENT,)),
        ("POST", "/time-bank/legacies", (DESK, OFFICIAL)),
        ("POST", "/time-bank/legacies/execution", (OFFICIAL,)),
        ("POST", "/family/invitations", (RESIDENT,)),
        ("POST", "/family/consents", (RESIDENT,)),
        ("POST", "/family/bonds/{bond_id}/attestation", (DESK, OFFICIAL)),
        ("POST", "/family/bonds/{bond_id}/end", (RESIDENT,)),
        ("GET", "/family", (RESIDENT,)),
        ("POST", "/family/shares", (RESIDENT,)),
        ("POST", "/quotes", (RESIDENT,)),
        ("POST", "/quotes/{quote_id}/release", (RESIDENT,)),
        ("POST", "/redemptions", (RESIDENT,)),
        ("POST", "/crossings", (RESIDENT,)),
        ("GET", "/crossings/{crossing_id}", (RESIDENT, *STAFF)),
        ("GET", "/redemptions/{redemption_id}", (RESIDENT, *STAFF, MERCHANT)),
        ("GET", "/clearing/positions/{community_code}", (OPERATOR, OFFICIAL, AUDITOR)),
        ("POST", "/debit-caps", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/debit-caps", (OPERATOR, OFFICIAL, AUDITOR)),
        ("GET", "/debit-caps/headroom", EVERYONE),
        ("POST", "/clearing/windows", (OFFICIAL,)),
        ("GET", "/clearing/windows", (OPERATOR, OFFICIAL, AUDITOR)),
        ("GET", "/clearing/windows/{number}", (OFFICIAL, AUDITOR)),
        ("POST", "/clearing/windows/{number}/close", (OFFICIAL,)),
        ("POST", "/clearing/windows/{number}/compute", (OFFICIAL,)),
        ("POST", "/clearing/windows/{number}/confirmations", (OPERATOR, OFFICIAL)),
        ("POST", "/clearing/windows/{number}/settle", (OFFICIAL,)),
        ("POST", "/clearing/windows/{number}/abort", (OFFICIAL,)),
        ("GET", "/clearing/windows/{number}/files/{community_code}", (OPERATOR, OFFICIAL, AUDITOR)),
        ("GET", "/integrity", (OFFICIAL, AUDITOR), "audit"),
        ("GET", "/seal-keys", EVERYONE),
        ("GET", "/books/{community_code}/seals", EVERYONE),
        ("GET", "/books/{community_code}/transfers/{transfer_id}/proof", (RESIDENT, *STAFF, MERCHANT, AUDITOR)),
        ("GET", "/books/{community_code}/export", (OPERATOR, OFFICIAL, AUDITOR), "audit"),
        ("GET", "/books/{community_code}/journal", (OPERATOR, OFFICIAL, AUDITOR), "audit"),
        ("GET", "/merchants/{merchant_id}", EVERYONE),
        ("POST", "/merchants/{merchant_id}/items", (MERCHANT,), "administer"),
        ("GET", "/merchants/{merchant_id}/items", EVERYONE),
        ("GET", "/merchants/{merchant_id}/code", (MERCHANT,)),
        ("GET", "/settlements/{merchant_id}", (MERCHANT, OPERATOR, OFFICIAL, AUDITOR)),
        ("POST", "/settlements/{merchant_id}/statements", (OPERATOR, OFFICIAL)),
        ("GET", "/settlements/{merchant_id}/statements/{number}/file", (MERCHANT, OPERATOR, OFFICIAL, AUDITOR)),
        ("POST", "/settlements/{merchant_id}/statements/{number}/approval", (OFFICIAL,)),
        ("POST", "/settlements/{merchant_id}/statements/{number}/paid", (OFFICIAL,)),
        ("GET", "/freezes", (RESIDENT, MERCHANT, OFFICIAL, AUDITOR)),
        ("POST", "/freezes", (OFFICIAL,)),
        ("POST", "/freezes/{freeze_id}/appeal", (RESIDENT, MERCHANT)),
        ("POST", "/freezes/{freeze_id}/decision", (OFFICIAL,)),
        ("POST", "/assisted-acts", (DESK,)),
        ("GET", "/assisted-acts", (RESIDENT, *STAFF, AUDITOR)),
        ("GET", "/assisted-acts/{act_id}/receipt", (RESIDENT, *STAFF, AUDITOR)),
        ("GET", "/liability/{area}", (OPERATOR, OFFICIAL, AUDITOR), "audit"),
        ("POST", "/disputes", (RESIDENT, MERCHANT, *STAFF)),
        ("GET", "/disputes", (RESIDENT, MERCHANT, *STAFF, AUDITOR)),
        ("POST", "/disputes/{dispute_id}/decision", (OPERATOR, OFFICIAL), "administer"),
        ("POST", "/vouchers", (RESIDENT,)),
        ("GET", "/vouchers", (RESIDENT, *STAFF, AUDITOR)),
        ("GET", "/vouchers/{voucher_id}/paper", (RESIDENT, *STAFF)),
        ("POST", "/vouchers/{voucher_id}/revocation", (RESIDENT, *STAFF)),
        ("GET", "/voucher-key", EVERYONE),
        ("POST", "/voucher-presentations", (MERCHANT,)),
        ("GET", "/merchants/{merchant_id}/voucher-presentations", (MERCHANT, *STAFF, AUDITOR)),
        ("POST", "/payment-codes", (RESIDENT,)),
        ("POST", "/payments", (MERCHANT,)),
        ("POST", "/payments/by-merchant-code", (RESIDENT,)),
        ("GET", "/payments/{payment_id}", (RESIDENT, *STAFF, MERCHANT)),
        ("POST", "/payments/{payment_id}/capture", (MERCHANT,)),
        ("POST", "/payments/{payment_id}/void", (MERCHANT,)),
        ("POST", "/payments/{payment_id}/refunds", (MERCHANT,)),
    ),
    *_routes(
        "scenarios",
        ("POST", "/spaces", STAFF, "administer"),
        ("GET", "/spaces", EVERYONE),
        ("GET", "/spaces/{space_id}", EVERYONE),
        ("GET", "/spaces/{space_id}/free", EVERYONE),
        ("GET", "/spaces/{space_id}/bookability", EVERYONE),
        ("GET", "/first-free", EVERYONE),
        ("POST", "/spaces/{space_id}/closures", STAFF),
        ("POST", "/closures/{closure_id}/lifting", STAFF),
        ("POST", "/spaces/{space_id}/modes", STAFF),
        ("POST", "/modes/{mode_id}/end", STAFF),
        ("GET", "/calendar/days", EVERYONE),
        ("POST", "/calendar/days", (OFFICIAL,), "administer"),
        ("POST", "/spaces/{space_id}/partition", STAFF, "administer"),
        ("POST", "/spaces/{space_id}/retirement", STAFF, "administer"),
        ("POST", "/bookings", PEOPLE),
        ("GET", "/bookings", PEOPLE),
        ("GET", "/bookings/{booking_id}", PEOPLE),
        ("POST", "/bookings/{booking_id}/rescheduling", PEOPLE),
        ("POST", "/bookings/{booking_id}/following", PEOPLE),
        ("POST", "/booking-series", PEOPLE),
        ("GET", "/spaces/{space_id}/calendar.ics", EVERYONE),
        ("GET", "/residents/{resident_id}/calendar.ics", (RESIDENT,)),
        ("GET", "/spaces/{space_id}/fhir/Slot", EVERYONE),
        ("GET", "/bookings/{booking_id}/fhir/Appointment", PEOPLE),
        ("POST", "/bookings/{booking_id}/access", PEOPLE),
        ("POST", "/spaces/{space_id}/entries", (DEVICE, DESK), "ingest"),
        ("POST", "/household-members", STAFF, "administer"),
        ("POST", "/booking-quotas", STAFF),
        ("POST", "/bookings/{booking_id}/cancellation", PEOPLE),
        ("POST", "/bookings/{booking_id}/confirmation", PEOPLE),
        ("POST", "/bookings/{booking_id}/decision", STAFF),
        ("POST", "/rounds", STAFF, "administer"),
        ("GET", "/rounds/{round_id}", EVERYONE),
        ("POST", "/rounds/{round_id}/applications", PEOPLE),
        ("GET", "/rounds/{round_id}/allotments", EVERYONE),
        ("GET", "/rounds/{round_id}/allotments/{resident_id}", (RESIDENT, *STAFF)),
        ("POST", "/spaces/{space_id}/tariff", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/spaces/{space_id}/tariff", EVERYONE),
        ("GET", "/bookings/{booking_id}/charge", PEOPLE),
        ("POST", "/bookings/{booking_id}/payment", PEOPLE),
        ("POST", "/activities", STAFF, "administer"),
        ("GET", "/activities", EVERYONE),
        ("GET", "/activities/{activity_id}", EVERYONE),
        ("POST", "/activities/{activity_id}/sign-ups", PEOPLE),
        ("POST", "/activities/{activity_id}/withdrawals", PEOPLE),
        ("POST", "/activities/{activity_id}/waitlist", PEOPLE),
        ("GET", "/waitlist/{entry_id}", PEOPLE),
        ("POST", "/waitlist/{entry_id}/acceptance", PEOPLE),
        ("POST", "/waitlist/{entry_id}/refusal", PEOPLE),
        ("POST", "/activities/{activity_id}/check-ins", (*PEOPLE, DEVICE), "ingest"),
        ("POST", "/activities/{activity_id}/check-outs", (*PEOPLE, DEVICE), "ingest"),
        ("GET", "/catalogue", EVERYONE),
        ("GET", "/hsds", EVERYONE),
        ("GET", "/hsds/services", EVERYONE),
        ("GET", "/hsds/services/{service_id}", EVERYONE),
        ("GET", "/hsds/service_at_locations", EVERYONE),
        ("GET", "/hsds/organizations", EVERYONE),
        ("GET", "/hsds/organizations/{organization_id}", EVERYONE),
        ("GET", "/hsds/taxonomies", EVERYONE),
        ("GET", "/hsds/taxonomies/{taxonomy_id}", EVERYONE),
        ("GET", "/hsds/taxonomy_terms", EVERYONE),
        ("GET", "/hsds/taxonomy_terms/{term_id}", EVERYONE),
        ("POST", "/programmes", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/programmes/{community_code}", EVERYONE),
        ("POST", "/indicator-measures", (OPERATOR, OFFICIAL), "administer"),
        ("POST", "/facilities", STAFF, "administer"),
        ("GET", "/facilities", EVERYONE),
        ("GET", "/gaps", (*STAFF, AUDITOR)),
        ("GET", "/gaps/{community_code}", (*STAFF, AUDITOR)),
        ("POST", "/spaces/{space_id}/use-profile", STAFF, "administer"),
        ("POST", "/spaces/{space_id}/visits", (*STAFF, DEVICE), "ingest"),
        ("GET", "/spaces/{space_id}/use", (*STAFF, AUDITOR)),
        ("GET", "/utilisation", (*STAFF, AUDITOR)),
        ("GET", "/iteration-cases", (*STAFF, AUDITOR)),
        ("GET", "/iteration-cases/{case_id}", STAFF),
        ("POST", "/iteration-cases/{case_id}/steps", STAFF),
        ("POST", "/motions", STAFF),
        ("GET", "/motions", EVERYONE),
        ("GET", "/motions/{motion_id}", EVERYONE),
        ("POST", "/motions/{motion_id}/contributions", PEOPLE),
        ("POST", "/motions/{motion_id}/contributions/{contribution_id}/answer", STAFF),
        ("POST", "/motions/{motion_id}/stage", STAFF),
        ("POST", "/motions/{motion_id}/poll", STAFF),
        ("GET", "/motions/{motion_id}/poll", EVERYONE),
        ("POST", "/motions/{motion_id}/ballots", PEOPLE),
        ("POST", "/motions/{motion_id}/count", STAFF),
        ("GET", "/motions/{motion_id}/recount", EVERYONE),
        ("POST", "/surveys", STAFF),
        ("GET", "/surveys", EVERYONE),
        ("GET", "/surveys/{survey_id}", EVERYONE),
        ("POST", "/surveys/{survey_id}/responses", PEOPLE),
        ("POST", "/surveys/{survey_id}/paper-entries", (DESK,), "administer"),
        ("GET", "/surveys/{survey_id}/result", (*STAFF, AUDITOR)),
        ("POST", "/surveys/{survey_id}/needs", STAFF),
        ("GET", "/needs", EVERYONE),
        ("POST", "/needs/{need_id}/answers", STAFF),
        ("POST", "/spaces/{space_id}/check-in-policy", STAFF),
        ("GET", "/spaces/{space_id}/roll", STAFF),
        ("POST", "/bookings/{booking_id}/arrival", (RESIDENT, DESK, DEVICE), "ingest"),
        ("POST", "/bookings/{booking_id}/departure", (RESIDENT, *STAFF), "ingest"),
        ("GET", "/residents/{resident_id}/standing", (RESIDENT, *STAFF)),
        ("POST", "/exemptions", STAFF),
        ("POST", "/no-shows/{no_show_id}/appeal", (RESIDENT, *STAFF)),
        ("POST", "/no-shows/{no_show_id}/decision", STAFF),
        ("GET", "/bookings/{booking_id}/slip", PEOPLE),
        ("POST", "/spaces/{space_id}/assisted-reserve", STAFF),
        ("POST", "/age-bands", STAFF, "administer"),
        ("GET", "/equity", (*STAFF, AUDITOR)),
        ("POST", "/help", PEOPLE),
        ("GET", "/help", EVERYONE),
        ("POST", "/help/{help_id}/withdrawal", PEOPLE),
        ("POST", "/help/{help_id}/agreement", PEOPLE),
        ("GET", "/help-visits/{visit_id}", PEOPLE),
        ("POST", "/help-visits/{visit_id}/steps", PEOPLE),
        ("POST", "/help-visits/{visit_id}/corrections", STAFF),
        ("POST", "/help-visits/{visit_id}/corrections/{number}/agreement", STAFF),
        ("POST", "/reports", PEOPLE),
        ("GET", "/reports", STAFF),
        ("GET", "/reports/{report_id}", PEOPLE),
        ("POST", "/reports/{report_id}/hand-over", STAFF),
        ("POST", "/reports/{report_id}/resolution", STAFF),
        ("GET", "/work", STAFF),
        ("POST", "/emergency-plans", (OPERATOR, OFFICIAL)),
        ("POST", "/emergency-plans/{plan_id}/approval", (OPERATOR, OFFICIAL)),
        ("POST", "/emergency-plans/{plan_id}/rehearsal", (OPERATOR, OFFICIAL)),
        ("POST", "/emergency-plans/{plan_id}/declaration", (OPERATOR, OFFICIAL)),
        ("GET", "/emergencies/{emergency_id}", STAFF),
        ("POST", "/emergencies/{emergency_id}/end", (OPERATOR, OFFICIAL)),
        ("POST", "/emergency-tasks/{task_id}/completion", STAFF),
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
        ("POST", "/operating-statements", (OPERATOR, OFFICIAL), "administer"),
        ("GET", "/operating-statements/{code}/{year}", (*STAFF, AUDITOR)),
        ("GET", "/benchmarks/{code}", (*STAFF, AUDITOR)),
        ("GET", "/self-sufficiency/{code}", (*STAFF, AUDITOR)),
        ("POST", "/checkup-schemes", (OFFICIAL,), "administer"),
        ("POST", "/facility-surveys", STAFF, "administer"),
        ("POST", "/checkups", (OFFICIAL,)),
        ("GET", "/checkups/{checkup_id}", (*STAFF, AUDITOR)),
        ("GET", "/checkups/{checkup_id}/results", (*STAFF, AUDITOR)),
        ("GET", "/checkups/{checkup_id}/reproduction", (*STAFF, AUDITOR)),
        ("GET", "/checkups/{checkup_id}/remedies/{code}", (RESIDENT, *STAFF, AUDITOR)),
        ("POST", "/checkups/{checkup_id}/remedies/{code}/plan", (OPERATOR, OFFICIAL)),
        ("POST", "/checkups/{checkup_id}/remedies/{code}/completion", STAFF),
        ("POST", "/checkups/{checkup_id}/remedies/{code}/audit", (OFFICIAL,)),
        ("POST", "/funds", (OFFICIAL,)),
        ("GET", "/funds/{code}", EVERYONE),
        ("GET", "/funds/{code}/transfers", EVERYONE),
        ("POST", "/funds/{code}/pots", (OFFICIAL,)),
        ("POST", "/funds/{code}/receipts", (OPERATOR, OFFICIAL)),
        ("POST", "/funds/{code}/payments", STAFF),
        ("POST", "/funds/{code}/settlements", (OPERATOR, OFFICIAL, MERCHANT)),
        ("GET", "/funds/{code}/payments/{payment_id}", EVERYONE),
        ("POST", "/funds/{code}/payments/{payment_id}/approvals", (OFFICIAL,)),
        ("POST", "/funds/{code}/payments/{payment_id}/disbursement", (OPERATOR, OFFICIAL)),
        ("POST", "/funds/{code}/payments/{payment_id}/rejection", (OFFICIAL,)),
        ("POST", "/emergencies/{code}", (OFFICIAL,)),
        ("GET", "/emergencies/{code}/{emergency_id}", (RESIDENT, *STAFF, AUDITOR)),
        ("POST", "/emergencies/{code}/{emergency_id}/expenses", STAFF),
        ("POST", "/emergencies/{code}/expenses/{spend_id}/decision", (OFFICIAL,)),
        ("POST", "/emergencies/{code}/expenses/{spend_id}/recovery", (OPERATOR, OFFICIAL)),
        ("POST", "/acceptance-rubrics", (OFFICIAL,)),
        ("POST", "/acceptances/{code}", (OFFICIAL,)),
        ("GET", "/acceptances/{code}/{acceptance_id}", (*STAFF, AUDITOR)),
        ("POST", "/acceptances/{code}/{acceptance_id}/scores", (OFFICIAL, AUDITOR)),
        ("POST", "/acceptances/{code}/{acceptance_id}/survey", (OFFICIAL, AUDITOR)),
        ("POST", "/acceptances/{code}/{acceptance_id}/simulation", (*STAFF, AUDITOR)),
        ("POST", "/acceptances/{code}/{acceptance_id}/decision", (OFFICIAL,)),
        ("GET", "/acceptances/{code}/{acceptance_id}/report.html", (*STAFF, AUDITOR)),
        ("GET", "/acceptances/{code}/{acceptance_id}/report.pdf", (*STAFF, AUDITOR)),
        ("GET", "/cockpit/{area}", (*STAFF, AUDITOR)),
        ("GET", "/cockpit/{area}/records", (*STAFF, AUDITOR)),
        ("POST", "/lists/{code}", STAFF, "administer"),
        ("GET", "/lists/{area}/{kind}", EVERYONE),
        ("GET", "/needs/{code}/{need_id}/matches", STAFF),
        ("POST", "/covenants/{code}", STAFF),
        ("GET", "/covenants/{code}/{covenant_id}", EVERYONE),
        ("POST", "/covenants/{code}/{covenant_id}/signatures", STAFF),
        ("POST", "/covenants/{code}/{covenant_id}/withdrawal", STAFF),
        ("POST", "/shared-spaces/{code}", (OFFICIAL,)),
        ("POST", "/shared-spaces/{code}/{space_id}/costs", (OPERATOR, OFFICIAL)),
        ("POST", "/checkups/{checkup_id}/work-orders/{code}", (OPERATOR, OFFICIAL)),
        ("GET", "/work-orders/{area}", (*STAFF, AUDITOR)),
        ("POST", "/work-orders/{code}/{order_id}/assignment", (OPERATOR, OFFICIAL)),
        ("POST", "/work-orders/{code}/{order_id}/completion", STAFF),
        ("POST", "/work-orders/{code}/{order_id}/acceptance", (OFFICIAL,)),
        ("POST", "/entry-permits", (OFFICIAL,)),
        ("GET", "/entry-permits", EVERYONE),
        ("POST", "/entry-permits/{permit_id}/decision", (OFFICIAL,)),
        ("POST", "/burdens/{code}", STAFF),
        ("GET", "/burdens/{area}", (*STAFF, AUDITOR)),
        ("GET", "/open-contracting/{area}/{kind}", EVERYONE),
        ("POST", "/service-deliveries/{code}", STAFF, "administer"),
        ("GET", "/service-deliveries/{code}/mix", (RESIDENT, *STAFF, AUDITOR)),
        ("GET", "/service-deliveries/{code}/{delivery_id}", (*STAFF, AUDITOR)),
        ("POST", "/competitions", (OFFICIAL,)),
        ("GET", "/competitions/{competition_id}", EVERYONE),
        ("POST", "/competitions/{competition_id}/rankings", (OFFICIAL,)),
        ("GET", "/competitions/{competition_id}/ranking", EVERYONE),
        ("POST", "/competitions/{competition_id}/appeals", (OFFICIAL,)),
        ("POST", "/competitions/{competition_id}/appeals/{appeal_id}/ruling", (OFFICIAL,)),
    ),
    *_routes(
        "console",
        ("POST", "/changes", (ADMINISTRATOR,), "administer"),
        ("GET", "/changes", (ADMINISTRATOR, AUDITOR)),
        ("POST", "/changes/{change_id}/decision", (ADMINISTRATOR,), "administer"),
        ("POST", "/changes/{change_id}/reversal", (ADMINISTRATOR,)),
        ("GET", "/settings/{kind}", (ADMINISTRATOR, AUDITOR)),
        ("POST", "/applications/{application}/secrets", (ADMINISTRATOR,)),
        ("GET", "/applications/{application}/secrets", (ADMINISTRATOR,)),
        ("POST", "/applications/{application}/secrets/{place}/retirement", (ADMINISTRATOR,)),
        ("POST", "/devices", STAFF),
        ("GET", "/devices", STAFF),
        ("POST", "/devices/{device_id}/code", STAFF),
        ("POST", "/devices/{device_id}/retirement", STAFF),
        ("POST", "/device-events", (DEVICE,), "ingest"),
        ("GET", "/purposes", EVERYONE),
        ("POST", "/consents", (RESIDENT, DESK)),
        ("GET", "/consents", (RESIDENT,)),
        ("POST", "/privacy-requests", (RESIDENT, DESK)),
        ("GET", "/privacy-requests", STAFF),
        ("GET", "/privacy-requests/me", (RESIDENT,)),
        ("POST", "/privacy-requests/{request_id}/decision", STAFF),
        ("GET", "/data-sets", (ADMINISTRATOR, AUDITOR, OFFICIAL)),
        ("POST", "/data-sets/{data_set}/packages", (OFFICIAL,)),
        ("GET", "/provisions", (ADMINISTRATOR, AUDITOR, OFFICIAL)),
        ("POST", "/checks", STAFF),
        ("GET", "/checks", (*STAFF, AUDITOR)),
        ("GET", "/checks/{check_id}", (*STAFF, AUDITOR)),
        ("GET", "/deliveries", (ADMINISTRATOR, AUDITOR, *APPLICATIONS)),
        ("POST", "/deliveries/{delivery_id}/replay", (ADMINISTRATOR, *APPLICATIONS)),
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

    def methods(self, path: str) -> list[str]:
        """Return the methods that the path has; where a literal and a parameter fit it, those of the literal."""
        known = {method for method, _ in self._by_shape}
        found = [route for method in known if (route := self.find(method, path))]
        fewest = min((route.template.count("{") for route in found), default=0)
        return sorted(route.method for route in found if route.template.count("{") == fewest)
