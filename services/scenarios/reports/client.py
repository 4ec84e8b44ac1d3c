"""Asks a city's Open311 endpoint (GeoReport v2): sends a request, or reads how one stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from services.scenarios.reports.rules import (
    Away,
    Errand,
    Outcome,
    Refused,
    failure_in,
    form_of,
    found_in,
    numbered_in,
    standing_in,
    window_of,
)
from services.scenarios.settings import City
from shared.fields import covers

NO_CITY = Refused("未配置受理此类报事的城市接口 / no city is set up that takes such reports from here")


async def run_errand(http: httpx.AsyncClient, cities: Sequence[City], errand: Errand, now: datetime) -> Outcome:
    """Ask the city that takes such reports from there, the nearest by if several do; no transaction is open."""
    serving = [city for city in cities if covers(city.area, errand.community_code) and errand.kind in city.services]
    if not serving:
        return NO_CITY
    return await _run(http, max(serving, key=lambda city: len(city.area)), errand, now)


async def _run(http: httpx.AsyncClient, city: City, errand: Errand, now: datetime) -> Outcome:
    if errand.request_id:
        answer = await _ask(http, city, f"requests/{quote(errand.request_id, safe='')}.json")
        return answer if isinstance(answer, Refused | Away) else standing_in(answer)
    if errand.token:
        answer = await _ask(http, city, f"tokens/{quote(errand.token, safe='')}.json")
        return answer if isinstance(answer, Refused | Away) else numbered_in(answer)
    if errand.tries:  # it may have arrived the last time
        window = window_of(errand.handed_at, now) | {"service_code": city.services[errand.kind]}
        answer = await _ask(http, city, "requests.json", window)
        if isinstance(answer, Refused | Away):
            return answer
        if found := found_in(answer, errand.report_id):
            return found
    answer = await _send(http, city, errand)
    return answer if isinstance(answer, Refused | Away) else numbered_in(answer)


async def _ask(http: httpx.AsyncClient, city: City, path: str, params: dict[str, str] | None = None) -> Any:  # noqa: ANN401
    jurisdiction = {"jurisdiction_id": city.jurisdiction_id} if city.jurisdiction_id else {}
    return await _answer(
        http, http.build_request("GET", f"{city.url}/{path}", params={**jurisdiction, **(params or {})})
    )


async def _send(http: httpx.AsyncClient, city: City, errand: Errand) -> Any:  # noqa: ANN401 - JSON of a stranger
    form = form_of(
        errand.report_id,
        errand.community,
        errand.place,
        errand.text,
        service_code=city.services[errand.kind],
        api_key=city.api_key.get_secret_value(),
        jurisdiction=city.jurisdiction_id,
    )
    return await _answer(http, http.build_request("POST", f"{city.url}/requests.json", data=form))


async def _answer(http: httpx.AsyncClient, request: httpx.Request) -> Any:  # noqa: ANN401 - JSON of a stranger
    try:
        answer = await http.send(request)
    except httpx.HTTPError as error:
        return Away(type(error).__name__)
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = None
    return failure_in(answer.status_code, body) or body
