"""Problems of RFC 9457 in Chinese and English: the one place where a refusal becomes an HTTP answer."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from shared.errors import Refusal
from shared.telemetry import trace_id

TYPE_BASE = "https://linli.example/problems/"
MEDIA_TYPE = "application/problem+json"

_STATUS_TITLES = {
    400: "请求格式有误",
    401: "未通过身份验证",
    403: "没有权限",
    404: "未找到",
    405: "不支持该方法",
    409: "与当前状态冲突",
    413: "请求体过大",
    422: "请求内容不符合要求",
    429: "请求过于频繁",
    500: "系统内部错误",
    502: "上游服务异常",
    503: "服务暂不可用",
    504: "处理超时",
}

log = structlog.get_logger()


class Problem(BaseModel):
    """A problem as a client reads it; a refusal's own facts stand beside these members."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="稳定的问题类型 URI / stable URI of the kind of problem")
    title: str = Field(description="中文标题")
    title_en: str
    status: int
    detail: str = Field(description="发生了什么、该怎么办 / what happened and what to do")
    detail_en: str
    trace_id: str = Field(description="报障时请提供 / give this when you report the problem")


def problem(
    status: int,
    kind: str,
    *,
    detail: str,
    detail_en: str,
    title: str | None = None,
    title_en: str | None = None,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Build a problem+json answer.

    Args:
        status: The HTTP status.
        kind: The stable last part of the type URI, such as `slot-taken`.
        detail: What happened and what to do, in Chinese.
        detail_en: The same in English.
        title: A short name in Chinese; the status's own when not given.
        title_en: The same in English.
        facts: Members of its own that a program can read.
        headers: Extra headers, such as Retry-After.
    """
    body = {
        "type": TYPE_BASE + kind,
        "title": title or _STATUS_TITLES.get(status, "请求未能完成"),
        "title_en": title_en or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "detail_en": detail_en,
        "trace_id": trace_id(),
        **(facts or {}),
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def described(refusal: Refusal) -> Problem:
    """Describe a refusal, with its facts as members: the whole answer, or that of one item of a batch."""
    facts = refusal.facts()
    members = {
        "type": TYPE_BASE + refusal.type,
        "title": refusal.title,
        "title_en": refusal.title_en,
        "status": refusal.status,
        "detail": refusal.detail.format(**facts),
        "detail_en": refusal.detail_en.format(**facts),
        "trace_id": trace_id(),
    }
    return Problem.model_validate({**members, **to_jsonable_python(facts)})


def of_refusal(refusal: Refusal) -> JSONResponse:
    """Turn a refusal into its answer."""
    return JSONResponse(described(refusal).model_dump(), refusal.status, media_type=MEDIA_TYPE)


def responses(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Describe a route's refusals for its OpenAPI entry, grouped by status."""
    told: dict[int | str, list[str]] = {}
    for refusal in refusals:
        told.setdefault(refusal.status, []).append(f"{refusal.type} {refusal.title}")
    return {status: _problem(" · ".join(each)) for status, each in told.items()}


def _problem(description: str) -> dict[str, Any]:
    return {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": description}


MALFORMED: dict[int | str, dict[str, Any]] = {422: _problem("malformed-request 请求内容不符合要求")}
"""What any route may answer; FastAPI would describe an answer of its own."""


def install(app: FastAPI) -> None:
    """Answer every error of this app with a problem; nothing of the input is repeated (it may be personal)."""

    @app.exception_handler(Refusal)
    async def refused(_: Request, error: Refusal) -> JSONResponse:
        return of_refusal(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        return of_malformed(error.errors())

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        return problem(
            error.status_code,
            HTTPStatus(error.status_code).phrase.lower().replace(" ", "-"),
            detail="请求未能完成，请核对地址、方法与内容。",
            detail_en=f"{error.detail}. Check the address, the method and the body.",
            headers=error.headers,
        )


def of_malformed(errors: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """Turn pydantic's errors into the answer to a request that does not match its description."""
    return problem(
        422,
        "malformed-request",
        detail="请求内容不符合接口说明，请按 errors 逐项修改后重试。",
        detail_en="The request does not match the API description; mend what errors lists and send it again.",
        facts={"errors": [{"at": "/" + "/".join(map(str, e["loc"])), "what": e["msg"]} for e in errors]},
    )


def of_fault(error: Exception) -> JSONResponse:
    """Turn an error of ours, which no one expected, into its problem; the log has the rest."""
    log.error("request failed", exc_info=error)
    return problem(
        500,
        "internal-error",
        detail="系统内部错误，已记录。请稍后用同一幂等键重试，并在报障时提供 trace_id。",
        detail_en="An internal error; it is logged. Try again with the same idempotency key, and report trace_id.",
    )
