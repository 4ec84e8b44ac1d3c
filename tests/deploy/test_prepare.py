"""The job of docker-compose.yml that runs before the platform, on a server of its own."""

import json
from pathlib import Path

import asyncpg
import pytest

from deploy.bare.credentials import new_credentials
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.provision import DATABASES, application, database, dsn, provision
from deploy.containers.credentials import password_variable
from deploy.containers.prepare import prepare_all


async def test_new_passwords_take_the_place_of_the_old(server: EmbeddedPostgres) -> None:
    old, new = new_credentials().roles, new_credentials().roles
    await provision(server.dsn(), old)
    await provision(server.dsn(), new)
    role, name = application("points"), database("points")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(dsn(server.dsn(), role, old[role], name))
    entered = await asyncpg.connect(dsn(server.dsn(), role, new[role], name))
    await entered.close()


async def test_it_leaves_what_the_processes_need_and_may_run_again(
    server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = new_credentials().roles
    sandbox = tmp_path / "sandbox.json"
    monkeypatch.setenv("DATABASE_URL", server.dsn())
    monkeypatch.setenv("LINLI_SANDBOX", str(sandbox))
    for role, password in passwords.items():
        monkeypatch.setenv(password_variable(role), password)
    await prepare_all()
    log_ins = json.loads(sandbox.read_text())
    await prepare_all()
    assert json.loads(sandbox.read_text()) == log_ins
    for service in DATABASES:
        role = application(service)
        own = await asyncpg.connect(dsn(server.dsn(), role, passwords[role], database(service)))
        assert await own.fetchval("SELECT count(*) FROM outbox") == 0
        if service == "operations":
            assert await own.fetchval("SELECT count(*) FROM community_reference") > 0
        await own.close()
