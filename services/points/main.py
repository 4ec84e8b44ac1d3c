"""The API of the points service."""

from fastapi import FastAPI

from services.points.accounts import api as accounts
from services.points.assistance import api as assistance
from services.points.base import Base
from services.points.clearing import api as clearing
from services.points.conversions import api as conversions
from services.points.crossings import api as crossings
from services.points.debit_caps import api as debit_caps
from services.points.disputes import api as disputes
from services.points.earning import api as earning
from services.points.erasures import api as erasures
from services.points.exchange import api as exchange
from services.points.families import api as families
from services.points.fraud import api as fraud
from services.points.honours import api as honours
from services.points.ledger import api as ledger
from services.points.liability import api as liability
from services.points.merchants import api as merchants
from services.points.payments import api as payments
from services.points.proof import api as proof
from services.points.proposals import api as proposals
from services.points.redemptions import api as redemptions
from services.points.settings import PointsSettings
from services.points.settlements import api as settlements
from services.points.statements import api as statements
from services.points.timebank import api as timebank
from services.points.vouchers import api as vouchers
from services.points.vouchers.rules import VoucherKey
from shared.own_data import own_data_router
from shared.service import create_service

SLICES = (
    accounts,
    assistance,
    families,
    erasures,
    conversions,
    timebank,
    statements,
    proposals,
    earning,
    honours,
    merchants,
    exchange,
    redemptions,
    payments,
    vouchers,
    disputes,
    liability,
    settlements,
    crossings,
    clearing,
    debit_caps,
    fraud,
    ledger,
    proof,
)


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    settings = PointsSettings()
    own = [earning.grouped, redemptions.grouped, own_data_router(Base.metadata)]
    routers = [*(each.router for each in SLICES), *own]
    app = create_service("points", "积分服务 Points", settings, routers)
    app.state.seal_keys = settings.seal_keys
    app.state.cell = settings.cell
    app.state.code_key = bytes.fromhex(settings.code_key.get_secret_value())
    app.state.voucher_key = VoucherKey(app.state.code_key)
    return app
