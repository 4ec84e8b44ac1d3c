"""The API of the operations service."""

from fastapi import FastAPI

from services.operations.acceptance.api import router as acceptance
from services.operations.anomalies.api import router as anomalies
from services.operations.barter.api import router as barter
from services.operations.base import Base
from services.operations.benchmarks.api import router as benchmarks
from services.operations.billing.api import router as billing
from services.operations.burdens.api import router as burdens
from services.operations.checkups.api import router as checkups
from services.operations.cockpit.api import router as cockpit
from services.operations.communities.api import router as communities
from services.operations.competitions.api import router as competitions
from services.operations.contracts.api import router as contracts
from services.operations.covenants.api import router as covenants
from services.operations.deliveries.api import router as deliveries
from services.operations.disclosures.api import router as disclosures
from services.operations.emergencies.api import router as emergencies
from services.operations.fund.api import router as fund
from services.operations.kpis.api import router as kpis
from services.operations.listings.api import router as listings
from services.operations.payments.api import router as payments
from services.operations.projects.api import router as projects
from services.operations.providers.api import router as providers
from services.operations.remedies.api import router as remedies
from services.operations.reports.api import router as reports
from services.operations.settings import OperationsSettings
from services.operations.settlement.api import router as settlement
from services.operations.shared_costs.api import router as shared_costs
from services.operations.statements.api import router as statements
from services.operations.subsidies.api import router as subsidies
from services.operations.sufficiency.api import router as sufficiency
from services.operations.tenders.api import router as tenders
from services.operations.work_orders.api import router as work_orders
from shared.own_data import own_data_router
from shared.service import create_service

ROUTERS = (
    communities,
    projects,
    providers,
    listings,
    contracts,
    kpis,
    billing,
    barter,
    subsidies,
    tenders,
    disclosures,
    anomalies,
    settlement,
    statements,
    benchmarks,
    sufficiency,
    checkups,
    remedies,
    work_orders,
    burdens,
    fund,
    emergencies,
    payments,
    acceptance,
    reports,
    cockpit,
    covenants,
    shared_costs,
    deliveries,
    competitions,
)


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    settings = OperationsSettings()
    routers = (*ROUTERS, own_data_router(Base.metadata))
    app = create_service("operations", "运营服务 Operations", settings, routers)
    app.state.ocid_prefix = settings.ocid_prefix
    return app
