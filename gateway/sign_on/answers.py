"""What sign-on answers: each answer is written down before it leaves, and what was given is kept by nobody."""

from fastapi import Request, Response
from pydantic import BaseModel

from gateway.audit import Audit
from gateway.authentication import Caller
from gateway.call import Call
from gateway.refusals import TooManyCalls
from shared import problems
from shared.errors import Refusal


def refused(request: Request, call: Call, refusal: Refusal) -> Response:
    """Return why somebody is not signed on."""
    audit: Audit = request.app.state.audit
    call.record(audit, refusal.status, refusal.type)
    answer = problems.of_refusal(refusal)
    if isinstance(refusal, TooManyCalls):
        answer.headers["Retry-After"] = str(refusal.retry_after_s)
    return answer


def given(request: Request, call: Call, caller: Caller, made: BaseModel) -> Response:
    """Return what somebody who has shown who they are is given."""
    audit: Audit = request.app.state.audit
    call.caller = caller
    call.record(audit, 200, "answered")
    return Response(made.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
