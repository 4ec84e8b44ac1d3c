"""The services as programs: their apps, routes, refusals, events and tables, found by importing them."""

import os
from collections.abc import Iterator
from importlib import import_module

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import MetaData

from shared import event_flow
from shared.migrations import PLATFORM_METADATA
from tests.ground import EXCHANGE_KEY
from tests.shape.tree import SERVICES, module_of, slice_files, sources


def app_of(service: str) -> FastAPI:
    """Build a service's API, or the console's; its database is not asked anything."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    needed = {
        "LINLI_DATABASE_URL": "postgresql://nobody@127.0.0.1/nothing",
        "LINLI_IDENTITY_PUBLIC_KEY": pem.decode(),
        "LINLI_SEAL_PUBLIC_KEYS": pem.decode(),
        "LINLI_CODE_KEY": "0" * 64,
        "LINLI_REGISTRY_KEY": "0" * 32,
        "LINLI_EXCHANGE_KEY": EXCHANGE_KEY,
    }
    before = {name: os.environ.get(name) for name in needed}
    os.environ.update(needed)
    try:
        package = "gateway.console" if service == "console" else f"services.{service}"
        app: FastAPI = import_module(f"{package}.main").create_app()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return app


def api_modules() -> list[str]:
    """Return the modules in which the services declare routes."""
    return [module_of(path) for path in slice_files() if path.stem == "api"]


def routes() -> Iterator[tuple[str, APIRoute]]:
    """Yield each route of the services with the module that declares it."""
    for module in [*api_modules(), event_flow.__name__]:
        routers = [one for one in vars(import_module(module)).values() if isinstance(one, APIRouter)]
        for route in [route for router in routers for route in router.routes]:
            assert isinstance(route, APIRoute), f"{module}: {route} is no APIRoute"
            yield module, route


def import_product() -> None:
    """Import all modules of the services' slices and of the gateway, so that what they declare is known."""
    for path in [*slice_files(), *sources("gateway")]:
        import_module(module_of(path))


def metadata() -> dict[str, MetaData]:
    """Return the tables of each service, and the platform's that each of them has too."""
    tables = {service: import_module(f"services.{service}.migrations").METADATA for service in SERVICES}
    return {**tables, "platform": PLATFORM_METADATA}
