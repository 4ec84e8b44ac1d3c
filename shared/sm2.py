"""SM2 (GB/T 32918): signatures that parties and officials make with their own keys, and the platform with its own."""

from dataclasses import dataclass

from gmssl_pyx import GmsslInnerError, sm2_encrypt, sm2_sign, sm2_verify

PRIVATE_BYTES = 32


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


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key that signs, 32 bytes, and the public one that belongs to it, 64 bytes."""

    private: bytes
    public: bytes

    @classmethod
    def read(cls, text: str) -> "KeyPair":
        """Read a pair, the private key first, in hexadecimal.

        Raises:
            ValueError: It is none, or the two do not belong together.
        """
        both = bytes.fromhex(text)
        pair = cls(both[:PRIVATE_BYTES], both[PRIVATE_BYTES:])
        try:
            belong = fits(pair.public.hex(), "", pair.sign(""))
        except GmsslInnerError as error:
            raise ValueError("no SM2 key") from error
        if not belong:
            raise ValueError("the private and the public key do not belong together")
        return pair

    def sign(self, text: str) -> str:
        """Return the signature of a text, as `fits` reads it."""
        return str(sm2_sign(self.private, self.public, text.encode()).hex())


def encrypt(key: str, content: bytes) -> bytes:
    """Encrypt up to 255 bytes to a public key, 64 bytes in hexadecimal; ASN.1 DER (GB/T 35276).

    Raises:
        ValueError: It is no point of the curve.
    """
    try:
        return bytes(sm2_encrypt(bytes.fromhex(key), content))
    except GmsslInnerError as error:
        raise ValueError("no SM2 key") from error
