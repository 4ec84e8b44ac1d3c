"""The console's API, behind the gateway like any service."""

from fastapi import FastAPI

from gateway.console.applications import api as applications
from gateway.console.changes import api as changes
from gateway.console.devices import api as devices
from gateway.console.settings import ConsoleSettings
from gateway.console.webhooks import api as webhooks
from shared.service import create_service


def create_app() -> FastAPI:
    """Build the API from the process's settings."""
    settings = ConsoleSettings()
    routers = [changes.router, applications.router, webhooks.router, devices.router, devices.telling]
    app = create_service("console", "网关控制台 Console", settings, routers)
    app.state.registry_key = bytes.fromhex(settings.registry_key.get_secret_value())
    return app
