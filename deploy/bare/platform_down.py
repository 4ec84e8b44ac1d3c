"""Take a running platform down from another terminal, and remove its data when asked to."""

import asyncio
import os
import shutil
from contextlib import suppress

import psutil

from deploy.bare.errors import LaunchError
from deploy.bare.places import Places
from deploy.bare.platform_up import ADMIN_URL_VARIABLE
from deploy.bare.provision import drop
from deploy.bare.running import end_survivors, forget, read_record, running_now

STOP_TIMEOUT_S = 90.0
SURVIVORS_PATIENCE_S = 20.0


def down(places: Places) -> bool:
    """Stop the platform of this checkout and whatever a killed one may have left.

    Args:
        places: The state folder.

    Returns:
        Whether there was anything to stop.

    Raises:
        LaunchError: It runs as another user.
    """
    if running := running_now(places.run):
        with suppress(psutil.NoSuchProcess):
            _end_supervisor(psutil.Process(running.supervisor[0]))
    end_survivors(running or read_record(places.run), patience_s=SURVIVORS_PATIENCE_S)
    forget(places.run)
    return running is not None


def _end_supervisor(supervisor: psutil.Process) -> None:
    """Ask the supervisor to end, and insist when it does not: its children follow it in any case."""
    try:
        supervisor.terminate()
        supervisor.wait(STOP_TIMEOUT_S)
    except psutil.TimeoutExpired:
        supervisor.kill()
        supervisor.wait(STOP_TIMEOUT_S)
    except psutil.AccessDenied as error:
        owner = supervisor.username()
        raise LaunchError(
            f"平台由用户 {owner} 启动，请由其停止 · it was started by {owner}, who can stop it"
        ) from error


def reset(places: Places) -> None:
    """Stop the platform and remove its data, logs, passwords and keys; the Python environment stays.

    Args:
        places: The state folder.
    """
    down(places)
    if admin_dsn := os.environ.get(ADMIN_URL_VARIABLE):
        asyncio.run(drop(admin_dsn))
    for each in places.all:
        for folder in (each.postgres.resolve(), each.logs, each.run, each.audit):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (each.postgres, each.secrets, each.sandbox):
            with suppress(FileNotFoundError):
                file.unlink()
    shutil.rmtree(places.state / "cells", ignore_errors=True)
