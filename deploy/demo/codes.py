"""Social-credit codes for providers that exist only in the demonstration."""

import random

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def social_credit_code(dice: random.Random) -> str:
    """Make up a code of GB 32100 with its check character, for a company of 余姚市."""
    body = "91330281" + "".join(dice.choices(_ALPHABET, k=9))
    weighed = sum(_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return body + _ALPHABET[-weighed % 31]
