"""The sandbox: who may try the platform on this machine. The cast is data, the secrets are random per installation."""

import json
import secrets
from pathlib import Path
from typing import Any

from deploy.bare.places import write_json

CAST = Path(__file__).with_name("sandbox.json")


def load_sandbox(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return users and applications with their secrets; who has none yet is given one, and who left the cast is gone.

    Args:
        path: The JSON file with the secrets, which the gateway reads.
    """
    cast: dict[str, list[dict[str, Any]]] = json.loads(CAST.read_text(encoding="utf-8"))
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"users": [], "applications": []}
    passwords = {user["username"]: user["password"] for user in known["users"]}
    keys = {application["access_key"]: application["secret"] for application in known["applications"]}
    sandbox = {
        "users": [
            {**user, "password": passwords.get(user["username"]) or secrets.token_urlsafe(9)} for user in cast["users"]
        ],
        "applications": [
            {**application, "secret": keys.get(application["access_key"]) or secrets.token_urlsafe(32)}
            for application in cast["applications"]
        ],
    }
    if sandbox != known:
        write_json(path, sandbox)
    return sandbox
