"""One OpenAPI of all that the gateway lets through, put together from what the services say of themselves."""

import asyncio
import copy
import time
from collections.abc import Iterable, Mapping
from typing import Any

from pyreqwest.exceptions import PyreqwestError

from gateway.routes import PREFIX, Route, shape
from gateway.upstream import Upstream
from shared.problems import MEDIA_TYPE, Problem

KEPT_S = 30.0
KEPT_WHILE_INCOMPLETE_S = 2.0

Document = dict[str, Any]

_ABOUT = (
    "邻里平台的全部开放接口。用户携带 Authorization: Bearer 令牌；应用使用 X-BG-HMAC-* 签名；"
    "写操作须带 Idempotency-Key。\n\n"
    "All that the platform opens. Users send a bearer token, applications an X-BG-HMAC-* signature; every write takes "
    "an Idempotency-Key."
)
_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "同一操作重试时使用相同的键 / the same for each try of one operation",
    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[\\x21-\\x7e]+$"},
}
_SIGNATURE_HEADERS = {
    "hmacAccessKey": ("X-BG-HMAC-ACCESS-KEY", "应用的 access key / the application's access key"),
    "hmacAlgorithm": ("X-BG-HMAC-ALGORITHM", "hmac-sha256"),
    "hmacDate": ("X-BG-DATE-TIME", "RFC 1123 GMT；误差不超过 90 秒 / within 90 s of now"),
    "hmacSignature": (
        "X-BG-HMAC-SIGNATURE",
        "Base64(HMAC-SHA256(secret, METHOD\\nPATH\\nQUERY\\nACCESS_KEY\\nDATE\\n))",
    ),
}


def aggregate(documents: Mapping[str, Document], routes: Iterable[Route], url: str) -> Document:
    """Return the public description.

    Args:
        documents: OpenAPI of each service that answered.
        routes: What is let through; all else is left out.
        url: Where the gateway is.
    """
    paths: dict[str, Document] = {}
    schemas: Document = {"Problem": Problem.model_json_schema()}
    renamed = {service: _with_own_names(service, document) for service, document in documents.items()}
    operations = {
        (service, method, shape(path)): (path, operation)
        for service, document in renamed.items()
        for path, methods in document.get("paths", {}).items()
        for method, operation in methods.items()
    }
    for route in routes:
        method = route.method.lower()
        path, operation = operations.get((route.service, method, shape(route.path)), ("", None))
        if operation is not None:
            paths.setdefault(f"{PREFIX}{route.service}{path}", {})[method] = _as_public(operation, route)
    for document in renamed.values():
        schemas.update(document.get("components", {}).get("schemas", {}))
    return {
        "openapi": "3.1.0",
        "info": {"title": "邻里 Linli", "version": "1", "description": _ABOUT},
        "servers": [{"url": url}],
        "paths": paths,
        "components": {"schemas": _reachable(paths, schemas), "securitySchemes": _security_schemes()},
    }


def _with_own_names(service: str, document: Document) -> Document:
    """Put the service's name before the names of its schemas, so that two services may use the same."""
    base = "#/components/schemas/"

    def walk(node: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(node, dict):
            return {key: _rename(value) if key == "$ref" else walk(value) for key, value in node.items()}
        return [walk(item) for item in node] if isinstance(node, list) else node

    def _rename(reference: str) -> str:
        return reference.replace(base, f"{base}{service}_", 1)

    walked: Document = walk(copy.deepcopy(document))
    components = walked.get("components", {})
    components["schemas"] = {f"{service}_{name}": body for name, body in components.get("schemas", {}).items()}
    return walked


def _as_public(operation: Document, route: Route) -> Document:
    public = {
        **operation,
        "operationId": f"{route.service}_{operation.get('operationId', route.path)}",
        "tags": [route.service],
        "security": [{"bearer": []}, {name: [] for name in _SIGNATURE_HEADERS}],
        "x-linli-roles": sorted(route.roles),
        "x-linli-limit": route.limit,
    }
    parameters = public.get("parameters", [])
    if route.writes and not any(parameter.get("name") == _KEY_PARAMETER["name"] for parameter in parameters):
        public["parameters"] = [*parameters, _KEY_PARAMETER]
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    public["responses"] = {
        **operation.get("responses", {}),
        "default": {"description": "网关或服务拒绝 / refused by the gateway or the service", **problem},
    }
    return public


def _reachable(paths: Document, schemas: Document) -> Document:
    found: set[str] = set()
    queue: list[Any] = [paths]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found.add(name)
                queue.append(schemas[name])
            queue.extend(node.values())
        elif isinstance(node, list):
            queue.extend(node)
    return {name: schemas[name] for name in sorted(found)}


def _security_schemes() -> Document:
    headers = {
        scheme: {"type": "apiKey", "in": "header", "name": name, "description": about}
        for scheme, (name, about) in _SIGNATURE_HEADERS.items()
    }
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "POST /auth/token"}
    return {"bearer": bearer, **headers}


class Description:
    """Keeps the public description, made anew from time to time, and soon when a service was away."""

    def __init__(self, upstream: Upstream, routes: Iterable[Route], url: str) -> None:
        self._upstream = upstream
        self._routes = tuple(routes)
        self._url = url
        self._asking = asyncio.Lock()
        self._documents: dict[str, Document] = {}
        self._made = aggregate({}, self._routes, url)
        self._good_until = float("-inf")

    async def current(self) -> Document:
        """Return the description; a service that is away now is described as it was last seen."""
        async with self._asking:
            if time.monotonic() >= self._good_until:
                services = self._upstream.services
                fetched = await asyncio.gather(*(self._fetch(service) for service in services))
                answered = {s: d for s, d in zip(services, fetched, strict=True) if d is not None}
                self._documents.update(answered)
                self._made = aggregate(self._documents, self._routes, self._url)
                kept_s = KEPT_S if len(answered) == len(services) else KEPT_WHILE_INCOMPLETE_S
                self._good_until = time.monotonic() + kept_s
            return self._made

    async def _fetch(self, service: str) -> Document | None:
        try:
            status, document = await self._upstream.look(service, "/openapi.json")
        except (PyreqwestError, ValueError):
            return None
        return document if status == 200 and isinstance(document, dict) else None  # noqa: PLR2004 - the good status
