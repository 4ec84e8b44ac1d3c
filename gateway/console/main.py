"""The console's API, behind the gateway like any service."""

from fastapi import FastAPI

from gateway.base import Base
from gateway.console.applications import api as applications
from gateway.console.changes import api as changes
from gateway.console.consents import api as consents
from gateway.console.devices import api as devices
from gateway.console.exchange import api as exchange
from gateway.console.exchange.provide_data import Keys
from gateway.console.privacy_requests import api as privacy_requests
from gateway.console.settings import ConsoleSettings
from gateway.console.verification import api as verification
from gateway.console.webhooks import api as webhooks
from shared.own_data import own_data_router
from shared.service import create_service
from shared.sm2 import KeyPair


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    settings = ConsoleSettings()
    slices = (changes, applications, webhooks, devices, exchange, verification, consents, privacy_requests)
    routers = [*(each.router for each in slices), devices.telling, own_data_router(Base.metadata)]
    app = create_service("console", "网关控制台 Console", settings, routers)
    app.state.registry_key = bytes.fromhex(settings.registry_key.get_secret_value())
    app.state.exchange_keys = Keys(app.state.registry_key, KeyPair.read(settings.exchange_key.get_secret_value()))
    return app
