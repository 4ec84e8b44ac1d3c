"""Secrets at rest: SM4 in Galois counter mode (GB/T 32907), bound to the application and the place."""

import secrets
from typing import Annotated

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import AfterValidator, Field, SecretStr

NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 16


def _is_key(value: SecretStr) -> SecretStr:
    if len(bytes.fromhex(value.get_secret_value())) != KEY_BYTES:
        raise ValueError("16 bytes in hexadecimal")
    return value


RegistryKey = Annotated[
    SecretStr,
    AfterValidator(_is_key),
    Field(description="16 bytes in hexadecimal: encrypts the secrets of applications (SM4)"),
]


def seal(key: bytes, secret: str, *, application: str, place: int) -> bytes:
    """Return the secret encrypted: nonce, tag, ciphertext. The key has 16 bytes."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(_bound_to(application, place))
    sealed = encryptor.update(secret.encode()) + encryptor.finalize()
    return nonce + encryptor.tag + sealed


def unseal(key: bytes, sealed: bytes, *, application: str, place: int) -> str:
    """Return the secret.

    Raises:
        ValueError: It was sealed with another key, or for another application or place, or altered.
    """
    nonce, tag, rest = (
        sealed[:NONCE_BYTES],
        sealed[NONCE_BYTES : NONCE_BYTES + TAG_BYTES],
        sealed[NONCE_BYTES + TAG_BYTES :],
    )
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(_bound_to(application, place))
    try:
        return (decryptor.update(rest) + decryptor.finalize()).decode()
    except InvalidTag as error:
        raise ValueError(f"the secret {place} of {application} cannot be opened with LINLI_REGISTRY_KEY") from error


def _bound_to(application: str, place: int) -> bytes:
    return f"{application}/{place}".encode()
