"""Administrative areas: codes of GB/T 2260 and the 12-digit statistical code; a prefix is a scope."""

from typing import Annotated

from pydantic import StringConstraints

CommunityCode = Annotated[
    str,
    StringConstraints(pattern=r"^\d{12}$"),
]
"""A community or village: 12 digits, of which province 2, city 4, district 6 and street 9 are prefixes."""

AreaPrefix = Annotated[str, StringConstraints(pattern=r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$")]
"""A province, city, district, street or community, by its code of 2, 4, 6, 9 or 12 digits."""


def covers(prefix: str, code: str) -> bool:
    """Tell whether the area `code` lies within the area `prefix` (or is it)."""
    return code.startswith(prefix)
