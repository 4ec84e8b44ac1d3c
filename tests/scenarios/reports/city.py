"""A city's Open311 endpoint, played with the wire format of GeoReport v2, JSON, as its documentation describes it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.middleware.base import RequestResponseEndpoint

KEY = "key-of-the-city"
JURISDICTION = "city.example"
SERVICE = "042"


def errors(code: int, description: str) -> JSONResponse:
    """Refuse as GeoReport does."""
    return JSONResponse([{"code": code, "description": description}], code)


@dataclass
class CityDesk:
    """Takes requests, numbers them at once or by token, and may be down, or lose its answer on the way.

    Attributes:
        received: The forms of the requests, as they arrived.
        year: What its numbers begin with.
        lost: How many answers to new requests are lost although the request was taken.
    """

    received: list[dict[str, str]] = field(default_factory=list)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    year: str = ""
    lost: int = 0
    is_down: bool = False
    is_unreadable: bool = False
    by_token: bool = False
    tokens_open: bool = True

    def close(self, request_id: str, notes: str) -> None:
        """Put right what was requested."""
        self.requests[request_id] |= {"status": "closed", "status_notes": notes}

    def app(self) -> FastAPI:
        """Return what answers."""
        app = FastAPI()
        app.middleware("http")(self._away)
        app.post("/v2/requests.json")(self._create)
        app.get("/v2/requests.json")(self._search)
        app.get("/v2/requests/{request_id:path}.json")(self._show)
        app.get("/v2/tokens/{token:path}.json")(self._number)
        return app

    async def _away(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        self.asked.append(f"{request.method} {request.url.path}")
        if self.is_down:
            return errors(503, "down for maintenance")
        return JSONResponse({"no": "list"}) if self.is_unreadable else await call_next(request)

    async def _create(self, request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("jurisdiction_id") != JURISDICTION:
            return errors(404, "jurisdiction_id not found")
        if form.get("api_key") != KEY:
            return errors(403, "Invalid api_key received -- can't proceed with create_request.")
        if form.get("service_code") != SERVICE:
            return errors(404, "service_code not found")
        return self._take(form) if form.get("address_string") else errors(400, "missing a location")

    async def _search(
        self, jurisdiction_id: str, service_code: str, start_date: datetime, end_date: datetime
    ) -> list[dict[str, Any]]:
        assert (jurisdiction_id, start_date < end_date) == (JURISDICTION, True)
        return [each for each in self.requests.values() if each["service_code"] == service_code]

    async def _show(self, request_id: str) -> JSONResponse:
        found = self.requests.get(request_id)
        return JSONResponse([found]) if found else errors(404, "service_request_id not found")

    async def _number(self, token: str) -> list[dict[str, str]]:
        return [{"token": token, **({"service_request_id": token[1:]} if self.tokens_open else {})}]

    def _take(self, form: dict[str, str]) -> JSONResponse:
        self.received.append(form)
        request_id = f"{self.year}{len(self.received)}"
        self.requests[request_id] = {
            "service_request_id": request_id,
            "status": "open",
            "service_code": form["service_code"],
            "description": form["description"],
        }
        if self.lost:
            self.lost -= 1
            return errors(504, "gateway timeout")
        answer = {"token": f"t{request_id}"} if self.by_token else {"service_request_id": request_id}
        return JSONResponse([{**answer, "service_notice": "", "account_id": None}], 201)
