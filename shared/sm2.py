"""SM2 signatures (GB/T 32918): parties and officials make them with their own keys, the platform only checks them."""

from gmssl_pyx import GmsslInnerError, sm2_verify


def fits(key: str, text: str, signature: str) -> bool:
    """Tell whether a signature is by a key, over a text.

    Args:
        key: The public key, 64 bytes in hexadecimal.
        text: What is signed, as UTF-8.
        signature: SM2 with SM3 and the default identity, ASN.1 DER, in hexadecimal.
    """
    try:
        return bool(sm2_verify(bytes.fromhex(key), text.encode(), bytes.fromhex(signature)))
    except (ValueError, GmsslInnerError):
        return False
