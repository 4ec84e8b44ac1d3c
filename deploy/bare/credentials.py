"""Random passwords and keys of this installation, made once and kept in a file that only its owner can read."""

import json
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from deploy.bare.places import write_json
from deploy.bare.provision import ROLES


@dataclass(frozen=True)
class Credentials:
    """What the processes need to trust each other.

    Attributes:
        roles: Password of each database role.
        identity_private_key: PEM; the gateway signs with it who is calling.
        identity_public_key: PEM; the services verify it.
        token_private_key: PEM; the gateway's local issuer signs the sandbox users' tokens.
        code_key: 32 bytes in hexadecimal; the points service signs with it the codes that are shown at tills.
        registry_key: 16 bytes in hexadecimal; the secrets of applications are encrypted with it.
        exchange_key: SM2, the private key and the public one, in hexadecimal; data packages are signed with it.
        seal_private_key: PEM; the points worker signs with it the seals of the books.
        seal_public_key: PEM; whoever checks a seal verifies it.
    """

    roles: dict[str, str]
    identity_private_key: str
    identity_public_key: str
    token_private_key: str
    code_key: str
    registry_key: str
    exchange_key: str
    seal_private_key: str
    seal_public_key: str


NAMES = {field.name for field in fields(Credentials)}


def load_credentials(path: Path) -> Credentials:
    """Return the installation's credentials; what is missing is made, as at the first call or after an update.

    Args:
        path: The JSON file.
    """
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    fresh = None if known.keys() >= NAMES and known["roles"].keys() >= set(ROLES) else asdict(new_credentials())
    if fresh is not None:
        known = {**fresh, **known, "roles": {**fresh["roles"], **known.get("roles", {})}}
        write_json(path, known)
    return Credentials(**known)


def new_credentials() -> Credentials:
    """Return random passwords and keys that were never used before."""
    identity_private_key, identity_public_key = _new_key_pair()
    seal_private_key, seal_public_key = _new_key_pair()
    return Credentials(
        roles={role: secrets.token_urlsafe(24) for role in ROLES},
        identity_private_key=identity_private_key,
        identity_public_key=identity_public_key,
        token_private_key=_new_key_pair()[0],
        code_key=secrets.token_hex(32),
        registry_key=secrets.token_hex(16),
        exchange_key=_new_sm2_key_pair(),
        seal_private_key=seal_private_key,
        seal_public_key=seal_public_key,
    )


def _new_key_pair() -> tuple[str, str]:
    """Return private and public PEM of a new P-256 key."""
    # Imported here: the supervisor runs for months and makes keys once, it need not carry OpenSSL's memory.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _new_sm2_key_pair() -> str:
    """Return a new private and public key, in hexadecimal."""
    from gmssl_pyx import sm2_key_generate  # noqa: PLC0415 - as above

    public, private = sm2_key_generate()
    return str((private + public).hex())
