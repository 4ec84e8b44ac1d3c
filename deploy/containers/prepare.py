"""The job that runs before the platform: roles and databases, migrations, communities, the sandbox's log-ins.

It may run any number of times; what is there already stays.
"""

import asyncio
import os
import sys
from pathlib import Path

from deploy.bare.places import ROOT
from deploy.bare.provision import DATABASES, ROLES, application, database, dsn, owner, provision
from deploy.bare.sandbox import load_sandbox
from deploy.containers.credentials import password_variable

ADMIN_URL_VARIABLE = "DATABASE_URL"
SANDBOX_VARIABLE = "LINLI_SANDBOX"


async def prepare_all() -> None:
    """Bring the databases to where the processes can start.

    Raises:
        KeyError: A variable is missing.
        RuntimeError: A migration failed, and has said why; the database is as it was before it.
    """
    admin_dsn = os.environ[ADMIN_URL_VARIABLE]
    passwords = {role: os.environ[password_variable(role)] for role in ROLES}
    await provision(admin_dsn, passwords)
    for service in DATABASES:
        address = dsn(admin_dsn, owner(service), passwords[owner(service)], database(service))
        await _run("alembic", "-n", service, "upgrade", "heads", address=address)
    operations = dsn(admin_dsn, application("operations"), passwords[application("operations")], database("operations"))
    await _run("services.operations.communities.load", address=operations)
    load_sandbox(Path(os.environ[SANDBOX_VARIABLE]))


async def _run(*arguments: str, address: str) -> None:
    environment = {**os.environ, "LINLI_DATABASE_URL": address}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments, env=environment, cwd=ROOT)
    if code := await process.wait():
        raise RuntimeError(f"{' '.join(arguments)}: {code}")


if __name__ == "__main__":
    asyncio.run(prepare_all())
