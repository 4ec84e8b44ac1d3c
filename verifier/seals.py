"""What a seal says, who signed it, and whether a record is under it."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from verifier.merkle import leaf_hash, root_from_path

VERSION = 1

Json = Mapping[str, Any]


class UnfitError(Exception):
    """Something does not fit; the message says what."""


def canonical(value: object) -> bytes:
    """Return the one spelling that a JSON value has."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def load_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    """Read a public key.

    Raises:
        ValueError: It is none on an elliptic curve.
    """
    key = load_pem_public_key(pem)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("not a public key on an elliptic curve")  # noqa: TRY004 - the file's content, not its type
    return key


def check_signature(seal: Json, signature: str, keys: Sequence[ec.EllipticCurvePublicKey]) -> None:
    """Hold a seal against its signature.

    Raises:
        UnfitError: None of the keys signed it.
    """
    if (seal.get("type"), seal.get("version")) != ("seal", VERSION):
        raise UnfitError(f"no seal of version {VERSION}")
    try:
        signed = base64.b64decode(signature, validate=True)
    except (binascii.Error, TypeError) as error:
        raise UnfitError("the signature is not base64") from error
    if base64.b64encode(signed).decode() != signature:  # some bits of its last character mean nothing
        raise UnfitError("this is not how the signature was written")
    for key in keys:
        try:
            return key.verify(signed, canonical(seal), ec.ECDSA(SHA256()))
        except InvalidSignature:
            continue
    raise UnfitError("the seal is not signed by a key that you trust")


def check_proof(proof: Json, keys: Sequence[ec.EllipticCurvePublicKey]) -> None:
    """Hold a proof of inclusion against its seal.

    Raises:
        UnfitError: It proves nothing.
    """
    try:
        seal, record = proof["seal"], proof["record"]
        index, path = int(proof["index"]), [bytes.fromhex(each) for each in proof["path"]]
        root, count = bytes.fromhex(seal["root"]), int(seal["count"])
        code = record.get("community_code")
        check_signature(seal, proof["signature"], keys)
    except (KeyError, AttributeError, TypeError, ValueError, OverflowError) as error:
        raise UnfitError(f"not a proof: {error!r}") from error
    if code != seal.get("community_code"):
        raise UnfitError("the record is of another community's book")
    if not 0 <= index < count or root_from_path(leaf_hash(canonical(record)), index, count, path) != root:
        raise UnfitError(f"the record is not number {index + 1} of the {count} under this seal")
