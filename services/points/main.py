"""The API of the points service."""

from fastapi import FastAPI

from services.points.accounts import api as accounts
from services.points.clearing import api as clearing
from services.points.earning import api as earning
from services.points.exchange import api as exchange
from services.points.ledger import api as ledger
from services.points.merchants import api as merchants
from services.points.redemptions import api as redemptions
from shared.service import create_service
from shared.settings import ServiceSettings

SLICES = (accounts, earning, merchants, exchange, redemptions, clearing, ledger)


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    return create_service(
        "points", "积分服务 Points", ServiceSettings(), [*(each.router for each in SLICES), earning.grouped]
    )
