"""One OpenAPI of all that the gateway lets through, put together from what the services say of themselves."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.disclosure import Disclosure
from gateway.routes import PREFIX, Route, shape
from shared.edition import edited
from shared.fields import AREA_PREFIX
from shared.problems import MALFORMED, MEDIA_TYPE, Problem

TEXT_MAX = 65_536
ITEMS_MAX = 10_000
INTEGER_MAX = 2**63 - 1
"""Bounds of what is described without any: the gateway keeps to them, so none of it reaches a service unbounded."""

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
_EDITION = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "读取时得到的 ETag；内容已被他人修改则 412 / the ETag it was read with; 412 if edited since",
    "schema": {"type": "string", "maxLength": 1024},
}
_BEARER = "RFC 9068 访问令牌，按 RFC8725 校验；取自 POST /auth/token / access token, checked by RFC8725"
_RATE_LIMIT = {
    "description": "限流余量 / what is left of the limit (draft-ietf-httpapi-ratelimit-headers)",
    "schema": {"type": "string", "maxLength": 256},
}
_NO_ORIGIN = {
    "description": "从不发送：其他网站的页面不能读取应答 / never sent: no page of another site may read an answer",
    "schema": {"type": "string", "maxLength": 0},
}
_RETRY_AFTER = {
    "description": "多少秒后重试 / seconds until it may be tried again",
    "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2_678_400},
}
_HEADERS = {
    "RateLimit": _RATE_LIMIT,
    "Retry-After": _RETRY_AFTER,
    "Access-Control-Allow-Origin": _NO_ORIGIN,
}
_SHOWN = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS if name != "Retry-After"}
_LATER = {**_SHOWN, "Retry-After": {"$ref": "#/components/headers/Retry-After"}}
_PROBLEM: Document = {
    "headers": _SHOWN,
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
# What is no HTTP at all is refused by the server that reads it, in words of its own.
_WORDS = {"text/plain": {"schema": {"type": "string", "maxLength": 256}}}
_UNREAD = {**_PROBLEM, "content": {**_PROBLEM["content"], **_WORDS}}
_REFUSED = {
    "400": {"description": "请求形式有误 / the call can be read in more than one way", **_UNREAD},
    "401": {"description": "未通过身份验证 / nobody known calls", **_PROBLEM},
    "403": {"description": "没有权限 / the caller may not", **_PROBLEM},
    "412": {"description": "已被他人修改 / edited meanwhile", **_PROBLEM},
    "422": {"description": "请求内容不符合要求 / the call does not match this description", **_PROBLEM},
    "429": {"description": "请求过于频繁 / too many calls", **_PROBLEM, "headers": _LATER},
    "500": {"description": "系统内部错误 / an internal error", **_PROBLEM},
    "default": {"description": "网关或服务拒绝 / refused by the gateway or the service", **_PROBLEM},
}
_AREA = {
    "name": "Linli-Area",
    "in": "header",
    "required": False,
    "description": "由哪个区域的单元处理；请求中未写明区域时用 / whose cell is asked, where the call names none",
    "schema": {"type": "string", "pattern": AREA_PREFIX, "maxLength": 12},
}
_REVEAL = {
    "name": "Linli-Reveal",
    "in": "header",
    "required": False,
    "description": "查看未脱敏数据的理由，百分号编码，留痕 / why masked data must be seen, percent-encoded; on record",
    "schema": {"type": "string", "minLength": 4, "maxLength": 600, "pattern": "^[A-Za-z0-9._~%-]+$"},
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
    schemas: Document = {"Problem": Problem.model_json_schema()}
    renamed = {service: _with_own_names(service, document) for service, document in documents.items()}
    paths = _open_paths(renamed, routes)
    for path, methods in paths.items():
        if edited(path, lambda each: "get" in paths.get(each, {})):
            methods.update({m: _as_edit(each) for m, each in methods.items() if m != "get"})
    for document in renamed.values():
        schemas.update(document.get("components", {}).get("schemas", {}))
    for methods in paths.values():
        if "get" in methods and Disclosure(methods["get"]["responses"], schemas).levels & {"L3", "L4"}:
            methods["get"] = _with_parameter(methods["get"], _REVEAL)
    _close([each.get("requestBody", {}) for methods in paths.values() for each in methods.values()], schemas)
    _bound([paths, schemas])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "邻里 Linli",
            "version": "1",
            "description": _ABOUT,
            "contact": {"name": "邻里 Linli", "url": url},
        },
        "tags": [{"name": service} for service in documents],
        "servers": [{"url": url, "x-internal": False}],
        "paths": paths,
        "components": {
            "schemas": reachable([paths, _REFUSED], schemas),
            "securitySchemes": _security_schemes(),
            "headers": _HEADERS,
            "responses": _REFUSED,
        },
    }


def _open_paths(documents: Mapping[str, Document], routes: Iterable[Route]) -> dict[str, Document]:
    """Return the operations that are let through, by public path and method."""
    paths: dict[str, Document] = {}
    templates: dict[str, str] = {}
    operations = {
        (service, method, shape(path)): (path, operation)
        for service, document in documents.items()
        for path, methods in document.get("paths", {}).items()
        for method, operation in methods.items()
    }
    for route in routes:
        method = route.method.lower()
        path, operation = operations.get((route.service, method, shape(route.path)), ("", None))
        if operation is not None:
            public, known = f"{PREFIX}{route.service}{path}", templates.setdefault(shape(route.template), path)
            operation = _with_names_of(known, path, operation)
            paths.setdefault(public.removesuffix(path) + known, {})[method] = _as_public(operation, route)
    return paths


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
    if route.writes:
        public = _with_parameter(public, _KEY_PARAMETER)
    public = _with_parameter(public, _AREA)
    public["parameters"] = [_without_null(each) for each in public.get("parameters", [])]
    common = {status: {"$ref": f"#/components/responses/{status}"} for status in _REFUSED if status != "412"}
    public["responses"] = common | {code: _answer(code, each) for code, each in operation.get("responses", {}).items()}
    return public


def _answer(status: str, described: Document) -> Document:
    """Describe an answer as it comes through; what is no success is a problem, whatever the framework says of it."""
    if status.startswith(("2", "3")):
        return {**described, "headers": {**described.get("headers", {}), **_SHOWN}}
    if described["description"] == MALFORMED[422]["description"]:
        return {"$ref": f"#/components/responses/{status}"}
    return {"description": described["description"], **(_UNREAD if status == "400" else _PROBLEM)}


def _with_names_of(known: str, path: str, operation: Document) -> Document:
    """Name the parameters of a path as another operation of the same path does: to a caller it is one path."""
    parts = zip(path.split("/"), known.split("/"), strict=True)
    names = {own.strip("{}"): other.strip("{}") for own, other in parts if own != other}
    renamed = [
        {**each, "name": names.get(each["name"], each["name"])} if each["in"] == "path" else each
        for each in operation.get("parameters", [])
    ]
    return {**operation, "parameters": renamed} if names else operation


def _without_null(parameter: Document) -> Document:
    """Describe what may be left out as it is when it is there: a parameter cannot say null."""
    schema = parameter["schema"]
    options = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(options) != 1:
        return parameter
    return {**parameter, "schema": {**options[0], **{key: each for key, each in schema.items() if key != "anyOf"}}}


def _bound(root: Any) -> None:  # noqa: ANN401 - JSON
    """Bound the texts, lists and integers that the services left open."""
    queue = [root]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            kind = node.get("type")
            if kind == "string" and not node.keys() & {"enum", "const", "maxLength"}:
                node["maxLength"] = TEXT_MAX
            elif kind == "array":
                node.setdefault("maxItems", ITEMS_MAX)
                node.setdefault("items", {})
            elif kind == "integer":
                node.setdefault("format", "int64")
                known = node.get("enum", [node["const"]] if "const" in node else [-INTEGER_MAX, INTEGER_MAX])
                if "exclusiveMinimum" not in node:
                    node.setdefault("minimum", min(known))
                if "exclusiveMaximum" not in node:
                    node.setdefault("maximum", max(known))
            queue.extend(node.values())
        elif isinstance(node, list):
            queue.extend(node)


def _as_edit(operation: Document) -> Document:
    edit = _with_parameter(operation, _EDITION)
    return {**edit, "responses": {**edit["responses"], "412": {"$ref": "#/components/responses/412"}}}


def _with_parameter(operation: Document, parameter: Document) -> Document:
    parameters = operation.get("parameters", [])
    if any(each.get("name") == parameter["name"] for each in parameters):
        return operation
    return {**operation, "parameters": [*parameters, parameter]}


def _close(requests: list[Document], schemas: Document) -> None:
    """Say of every object that is sent that it has the members it names, and no others."""
    queue: list[Any] = [requests, *reachable(requests, schemas).values()]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            if "properties" in node:
                node.setdefault("additionalProperties", False)
            queue.extend(node.values())
        elif isinstance(node, list):
            queue.extend(node)


def reachable(root: Any, schemas: Document) -> Document:  # noqa: ANN401 - JSON
    """Return the schemas that references lead to, from `root` on."""
    found: set[str] = set()
    queue: list[Any] = [root]
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
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _BEARER}
    return {"bearer": bearer, **headers}
