"""What a call may carry, as the service describes it: compiled once per operation from its OpenAPI 3.1 (G12).

What the description does not name is refused: unknown fields, parameters and types of content. JSON is read so that
every reader reads the same: no member twice, no NaN, nothing deeper than people nest. What was sent is not repeated.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from jsonschema_rs import Draft202012Validator

from gateway.disclosure import REVEAL, Disclosure
from shared.errors import Inadmissible, Refusal
from shared.fields import AREA_PREFIX, COMMUNITY_CODE

DEPTH_MAX = 16
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)
_NUMBERS = {"integer": re.compile(r"-?\d{1,18}"), "number": re.compile(r"-?\d{1,18}(\.\d{1,18})?")}
_WORDS = {"true": True, "false": False}
_JSON = "application/json"
_ANY = "*/*"
# RFC 3339 has no time of day without an offset, which is what an opening hour is.
_FORMATS = {"time": lambda value: bool(re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", value))}

Document = dict[str, Any]


@dataclass(kw_only=True, eq=False)
class MalformedRequest(Inadmissible):
    """The call does not match its description."""

    type = "malformed-request"
    title = "请求内容不符合要求"
    title_en = "Unprocessable Content"
    detail = "请求内容不符合接口说明，请按 errors 逐项修改后重试。"
    detail_en = "The request does not match the API description; mend what errors lists and send it again."

    errors: list[dict[str, str]]


@dataclass(kw_only=True, eq=False)
class ContentTypeRefused(Refusal):
    """The body is of a kind that the operation does not take."""

    status = 415
    type = "content-type-refused"
    title = "不支持的内容类型"
    title_en = "Unsupported media type"
    detail = "此接口接受的内容类型：{taken}。请以 Content-Type 说明请求体的类型。"
    detail_en = "This takes {taken}. Say with Content-Type what the body is."

    taken: str


class NotJsonError(ValueError):
    """The text is not JSON that all readers read alike; says why."""


def read_json(text: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return what the text says, in one way only.

    Raises:
        NotJsonError: It is not JSON, is nested deeper than DEPTH_MAX, or names a member twice.
    """
    _check_depth(text)
    if b"\\u0000" in text:
        raise NotJsonError("含 NUL 字符 / holds a NUL")
    try:
        return _DECODER.decode(text.decode("utf-8"))
    except NotJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJsonError("不是 JSON / not JSON") from error


def _check_depth(text: bytes) -> None:
    if text.count(b"[") + text.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += bool(bracket[1]) - bool(bracket[2])
        if depth > DEPTH_MAX:
            raise NotJsonError(f"嵌套超过 {DEPTH_MAX} 层 / nested deeper than {DEPTH_MAX}")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJsonError("成员重复 / a member is named twice")
    return members


def _no_number(_: str) -> None:
    raise NotJsonError("不是数 / not a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_number)


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    required: bool
    types: frozenset[str]
    is_area: bool
    schema: Draft202012Validator

    def value_of(self, texts: list[str]) -> Any:  # noqa: ANN401 - what the schema says
        if "array" in self.types:
            return [_typed(text, self.types) for text in texts]
        return _typed(texts[0], self.types)


def _typed(text: str, types: frozenset[str]) -> str | int | float | bool:
    """Read a text as the schema means it; what cannot be read so stays a text, and fails the schema."""
    if "integer" in types and _NUMBERS["integer"].fullmatch(text):
        return int(text)
    if "number" in types and _NUMBERS["number"].fullmatch(text):
        return float(text)
    return _WORDS.get(text, text) if "boolean" in types else text


class Contract:
    """What one operation takes.

    Args:
        path: The template, whose segments in braces are parameters.
        operation: As OpenAPI describes it.
        schemas: What its references lead to, by name.

    Attributes:
        answer: What it answers.
    """

    def __init__(self, path: str, operation: Document, schemas: Document) -> None:
        self._schemas = schemas
        parameters = operation.get("parameters", ())
        names = {each["name"]: each for each in parameters if each["in"] == "path"}
        segments = [part.strip("{}") if part.startswith("{") else None for part in path.split("/")]
        self._path = [(at, self._parameter(names[name])) for at, name in enumerate(segments) if name in names]
        self._query = {each["name"]: self._parameter(each) for each in parameters if each["in"] == "query"}
        self._headers = {each["name"].lower(): self._parameter(each) for each in parameters if each["in"] == "header"}
        body = operation.get("requestBody", {})
        self._body_required = bool(body.get("required"))
        content = body.get("content", {})
        sent = _resolved(content.get(_JSON, {}).get("schema", {}), schemas)
        self._areas = [name for name, each in sent.get("properties", {}).items() if _is_area(each)]
        self._content = {kind: self._validator(each.get("schema", {})) for kind, each in content.items()}
        self.answer = Disclosure(operation.get("responses", {}), schemas)

    def _parameter(self, described: Document) -> _Parameter:
        schema = described["schema"]
        types = frozenset(_types(schema, self._schemas))
        required, is_area = bool(described.get("required")), _is_area(schema)
        return _Parameter(described["name"], required, types, is_area, self._validator(schema))

    def _validator(self, schema: Document) -> Draft202012Validator:
        whole = {"components": {"schemas": self._schemas}, **schema}
        return Draft202012Validator(whole, validate_formats=True, formats=_FORMATS, mask="…")

    def check(self, path: str, query: str, headers: Mapping[bytes, bytes], body: bytes) -> str | None:
        """Refuse a call that the description does not allow; returns the area or community that it names, if any.

        Raises:
            MalformedRequest: It does not fit; says where and what.
            ContentTypeRefused: The body is of another kind.
        """
        errors: list[dict[str, str]] = []
        named: list[Any] = []
        segments = path.split("/")
        for at, parameter in self._path:
            errors += _errors(parameter.schema, parameter.value_of([segments[at]]), f"/path/{parameter.name}")
            named += [segments[at]] if parameter.is_area else []
        if query or self._query:
            errors += self._check_query(query, named)
        errors += self._check_headers(headers)
        errors += self._check_body(headers.get(b"content-type", b"").decode("latin-1"), body, named)
        if errors:
            raise MalformedRequest(errors=errors)
        return next(filter(None, named), None)

    def _check_query(self, query: str, named: list[Any]) -> list[dict[str, str]]:
        given: dict[str, list[str]] = {}
        try:
            for name, text in parse_qsl(query, keep_blank_values=True, errors="strict"):
                given.setdefault(name, []).append(text)
        except ValueError:
            return [_error("/query", "不是 UTF-8 / not UTF-8")]
        missing = [name for name, each in self._query.items() if each.required and name not in given]
        errors = [_error(f"/query/{name}", "必填 / is required") for name in missing]
        for name, texts in given.items():
            parameter = self._query.get(name)
            if parameter is None:
                errors.append(_error("/query", "含接口说明之外的参数 / a parameter that the description does not name"))
            elif len(texts) > 1 and "array" not in parameter.types:
                errors.append(_error(f"/query/{name}", "只能出现一次 / may be given once"))
            else:
                errors += _errors(parameter.schema, parameter.value_of(texts), f"/query/{name}")
                named += texts if parameter.is_area else []
        return errors

    def _check_headers(self, headers: Mapping[bytes, bytes]) -> list[dict[str, str]]:
        errors: list[dict[str, str]] = []
        # A condition that nobody weighs would be taken for one that held.
        if b"if-match" in headers and "if-match" not in self._headers:
            errors.append(_error("/header/If-Match", "此操作不支持条件 / this is no edit, and takes no condition"))
        if REVEAL in headers and REVEAL.decode() not in self._headers:
            errors.append(_error("/header/Linli-Reveal", "此操作没有脱敏字段 / this masks nothing that could be shown"))
        for name, parameter in self._headers.items():
            given = headers.get(name.encode())
            if given is not None:
                errors += _errors(parameter.schema, given.decode("latin-1"), f"/header/{parameter.name}")
        return errors

    def _check_body(self, content_type: str, body: bytes, named: list[Any]) -> list[dict[str, str]]:
        if not body:
            return [_error("/body", "必填 / is required")] if self._body_required else []
        kind = content_type.partition(";")[0].strip().lower()
        schema = self._content.get(kind) or self._content.get(_ANY)
        if schema is None:
            raise ContentTypeRefused(taken="、".join(self._content) or "空请求体 an empty body")
        if kind != _JSON:
            return []
        try:
            value = read_json(body)
        except NotJsonError as error:
            return [_error("/body", str(error))]
        if isinstance(value, dict):
            named += [value.get(name) for name in self._areas]
        return _errors(schema, value, "/body")


def _resolved(schema: Document, schemas: Document) -> Document:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _is_area(schema: Document) -> bool:
    patterns = {each.get("pattern") for each in (schema, *schema.get("anyOf", ()))}
    return bool(patterns & {COMMUNITY_CODE, AREA_PREFIX})


def _types(schema: Document, schemas: Document) -> list[str]:
    """List the types that a parameter's schema allows."""
    schema = _resolved(schema, schemas)
    named = schema.get("type", [])
    found = [named] if isinstance(named, str) else list(named)
    return found + [each for one in schema.get("anyOf", ()) for each in _types(one, schemas)]


def _errors(schema: Draft202012Validator, value: Any, at: str) -> list[dict[str, str]]:  # noqa: ANN401 - JSON
    try:
        if schema.is_valid(value):
            return []
        return [
            _error("/".join([at, *map(str, each.instance_path)]), each.message) for each in schema.iter_errors(value)
        ]
    except ValueError:
        return [_error(at, "含不成对的代理字符 / holds half a character")]


def _error(at: str, what: str) -> dict[str, str]:
    return {"at": at, "what": what}
