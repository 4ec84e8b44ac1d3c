"""HTTP of applications' secrets. The answer that shows a secret is never kept, so these routes keep no answers."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from gateway.console.applications.make_secret import Wanted, make_secret, retire_secret
from gateway.console.applications.rules import ApplicationUnseen, BothPlacesTaken, SecretUnseen
from gateway.console.applications.tables import ApplicationSecret
from gateway.console.webhooks.rules import shown, webhook_key
from gateway.registry import ApplicationName
from gateway.routes import ADMINISTRATOR
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/applications", tags=["应用密钥 secrets"])
Place = Annotated[int, Path(ge=1, le=2, description="两个位置之一 / one of two places")]


class SecretShown(BaseModel):
    """A new secret: it is shown this once."""

    access_key: str
    place: int
    secret: str = Field(description="只显示一次，请立即保存 / shown this once: keep it now")
    webhook_secret: str = Field(description="用于验证外发订阅的签名 / verifies webhooks (Standard Webhooks)")


class SecretView(BaseModel):
    """A live secret, without the secret."""

    place: int
    made_at: Moment
    made_by: str


@router.post(
    "/{application}/secrets",
    status_code=201,
    summary="生成密钥 / Make a secret",
    responses=responses(OutOfScope, ApplicationUnseen, BothPlacesTaken),
)
async def make(
    request: Request, response: Response, session: Transaction, who: Caller, application: ApplicationName
) -> SecretShown:
    """Make a secret beside the one in use. When the answer was lost: retire what was made, and make another."""
    who.require_any(ADMINISTRATOR)
    key: bytes = request.app.state.registry_key
    place, secret = await make_secret(session, Wanted(application, who.subject, datetime.now(UTC)), key=key)
    response.headers["Cache-Control"] = "no-store"
    verifies = shown(webhook_key(secret))
    return SecretShown(access_key=application, place=place, secret=secret, webhook_secret=verifies)


@router.post(
    "/{application}/secrets/{place}/retirement",
    status_code=204,
    summary="停用密钥 / Retire a secret",
    responses=responses(OutOfScope, ApplicationUnseen, SecretUnseen),
)
async def retire(session: Transaction, who: Caller, application: ApplicationName, place: Place) -> None:
    """Let a secret be good for nothing from now on."""
    who.require_any(ADMINISTRATOR)
    await retire_secret(session, application, place)


@router.get("/{application}/secrets", summary="有效密钥 / Live secrets", responses=responses(OutOfScope))
async def read_secrets(session: Transaction, who: Caller, application: ApplicationName) -> list[SecretView]:
    """List which secrets live, without them."""
    who.require_any(ADMINISTRATOR)
    rows = select(ApplicationSecret).where(ApplicationSecret.application == application)
    found = await session.scalars(rows.order_by(ApplicationSecret.place))
    return [SecretView(place=each.place, made_at=each.made_at, made_by=each.made_by) for each in found]
