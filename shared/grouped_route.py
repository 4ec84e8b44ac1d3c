"""Hot writes: a route whose requests share transactions, with their idempotency records and their events (P11).

It is declared as any other route, so that the OpenAPI tells nothing new, and the same is checked: identity, key and
schema. It is served past FastAPI's routing and dependencies, which cost more than the work itself.
"""

import contextvars
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from inspect import Parameter, signature
from typing import Any, Generic, NoReturn, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import problems
from shared.database import Database
from shared.errors import Refusal, unless_refused
from shared.group import BATCH_WEIGHT_MAX, Group
from shared.idempotency import KEY, Answer, Asked, Key, KeyReused, answer_once, hash_of
from shared.identity import Identity, caller

CommandT = TypeVar("CommandT")
ResultT = TypeVar("ResultT")

Verb = Callable[..., Awaitable[Sequence[Any]]]
"""A use case for sets: `await verb(session, commands, now=now)` gives each command's outcome, in their order."""


@dataclass(frozen=True, slots=True)
class Work(Generic[CommandT, ResultT]):
    """What a request asks for, and how it is answered.

    Attributes:
        verb: The use case that does commands of many requests together.
        commands: This request's; one that is refused before it is tried stands there as its refusal.
        view: Makes the answer from the outcomes of the commands, in their order; may raise a refusal.
        all_or_none: When `view` refuses, nothing was done of what the commands ask for.
    """

    verb: Verb
    commands: Sequence[CommandT | Refusal]
    view: Callable[[Sequence[ResultT | Refusal]], BaseModel]
    all_or_none: bool = False


@dataclass(frozen=True, slots=True)
class _Member:
    """A request in a group; what it is answered is made in its own context, which knows its trace."""

    asked: Asked
    status_code: int
    work: Work[Any, Any]
    context: contextvars.Context

    def answer(self, outcomes: Sequence[Any]) -> Answer:
        return self.context.run(self._answer, outcomes)

    def _answer(self, outcomes: Sequence[Any]) -> Answer:
        try:
            view = self.work.view(outcomes)
        except Refusal as refusal:
            return Answer.of(problems.of_refusal(refusal))
        return Answer(self.status_code, "application/json", view.model_dump_json(by_alias=True).encode())


class Groups:
    """The groups of a process: one for each route, so that no single request waits for those that bring a thousand."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._groups: dict[tuple[str, Verb], Group[_Member, Answer | KeyReused]] = {}

    def of(self, path: str, verb: Verb) -> Group[_Member, Answer | KeyReused]:
        """Return the group of a route's use case."""
        if (path, verb) not in self._groups:
            self._groups[path, verb] = Group(lambda members: self._answer(verb, members))
        return self._groups[path, verb]

    async def drain(self) -> None:
        """Take nothing more, and do what waits."""
        for group in self._groups.values():
            await group.drain()

    async def _answer(self, verb: Verb, members: Sequence[_Member]) -> Sequence[Answer | KeyReused]:
        async with self._database.transaction() as session:
            do = _do_all_or_none if members[0].work.all_or_none else _do
            return await answer_once(
                session, [one.asked for one in members], lambda places: do(session, verb, [members[p] for p in places])
            )


async def _do(session: AsyncSession, verb: Verb, members: Sequence[_Member]) -> list[Answer]:
    commands = [one for member in members for one in member.work.commands if not isinstance(one, Refusal)]
    done = iter(await verb(session, commands, now=datetime.now(UTC)) if commands else [])
    return [
        member.answer([one if isinstance(one, Refusal) else next(done) for one in member.work.commands])
        for member in members
    ]


async def _do_all_or_none(session: AsyncSession, verb: Verb, members: Sequence[_Member]) -> list[Answer]:
    """Do what one request asks for, the only one of its batch, and undo it when it is refused."""
    async with session.begin_nested() as savepoint:
        answers = await _do(session, verb, members)
        if answers[0].status >= HTTPStatus.BAD_REQUEST:
            await savepoint.rollback()
    return answers


class _Headers(BaseModel):
    key: Key


class GroupedRoute(APIRoute):
    """A write whose requests are done together. Its endpoint takes `body` and `who`, and returns its Work."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Work[Any, Any]],
        **options: Any,  # noqa: ANN401 - FastAPI's own
    ) -> None:
        self._endpoint = endpoint
        body: Any = signature(endpoint, eval_str=True).parameters["body"].annotation
        self._body = TypeAdapter(body)
        options["responses"] = {**problems.responses(KeyReused), **(options.get("responses") or {})}
        super().__init__(path, _with_key(endpoint), **options)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            response = await self._answer(Request(scope, receive))
        except Refusal as refusal:
            response = problems.of_refusal(refusal)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        who = caller(request)
        content = await request.body()
        wrong: list[ErrorDetails] = []
        headers = _valid(_Headers.model_validate, _key_of(request), "header", wrong)
        body = _valid(self._body.validate_json, content if _is_json(request) else b"", "body", wrong)
        if wrong:
            return problems.of_malformed(wrong)
        asked = Asked(who.subject, headers.key, hash_of(request, content))
        work = self._admit(body, who)
        member = _Member(asked, self.status_code or 200, work, contextvars.copy_context())
        groups: Groups = request.app.state.groups
        weight = BATCH_WEIGHT_MAX if work.all_or_none else max(1, len(work.commands))  # so much comes alone
        answer = await groups.of(self.path, work.verb).submit(member, weight)
        return unless_refused(answer).as_response()

    def _admit(self, body: Any, who: Identity) -> Work[Any, Any]:  # noqa: ANN401 - as the endpoint declares it
        try:
            return self._endpoint(body=body, who=who)
        except Refusal as refusal:  # it is remembered like any other
            return Work(_nothing, [refusal], _refused)


class HotRoutes:
    """Finds hot routes by one look into a table; all else goes on to the application.

    Args:
        app: The application, which knows these routes too.
        routes: The routers' routes; only the grouped ones are taken.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[object]) -> None:
        self._app = app
        self._routes = {
            (method, route.path): route
            for route in routes
            if isinstance(route, GroupedRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route:
            scope["route"] = route
            await route.handle(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _nothing(*_: object, **__: object) -> Sequence[Any]:
    return []


def _refused(outcomes: Sequence[Any]) -> NoReturn:
    raise outcomes[0]


def _valid(validate: Callable[[Any], Any], given: object, place: str, wrong: list[ErrorDetails]) -> Any:  # noqa: ANN401
    """Return what is valid; else add what is wrong, as FastAPI says it."""
    try:
        return validate(given)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        wrong += [{**one, "loc": (place, *one["loc"])} for one in found]


def _key_of(request: Request) -> Mapping[str, str]:
    return {KEY: request.headers[KEY]} if KEY in request.headers else {}


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _with_key(endpoint: Callable[..., Work[Any, Any]]) -> Callable[..., Any]:
    """Return the endpoint as FastAPI is to describe it: with the key that the route takes."""

    @wraps(endpoint)
    def described(**given: Any) -> Work[Any, Any]:  # noqa: ANN401 - the endpoint's own
        return endpoint(**given)

    declared = signature(endpoint, eval_str=True)
    key = Parameter("key", Parameter.KEYWORD_ONLY, annotation=Key)
    described.__signature__ = declared.replace(  # type: ignore[attr-defined]
        parameters=[*declared.parameters.values(), key]
    )
    return described
