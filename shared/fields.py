"""Fields that the services' APIs share: area codes, whose prefix is a scope, and text that the store can hold."""

from typing import Annotated

from pydantic import StringConstraints

PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""Text of a person: PostgreSQL holds no NUL, and nobody means the other control characters."""

COMMUNITY_CODE = r"^\d{12}$"
AREA_PREFIX = r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$"

CommunityCode = Annotated[str, StringConstraints(pattern=COMMUNITY_CODE)]
"""A community or village by its 12-digit statistical code; province 2, city 4, district 6 (GB/T 2260) and street 9 are
prefixes."""

AreaPrefix = Annotated[str, StringConstraints(pattern=AREA_PREFIX)]
"""A province, city, district, street or community, by its code of 2, 4, 6, 9 or 12 digits."""


def covers(prefix: str, code: str) -> bool:
    """Tell whether the area `code` lies within the area `prefix` (or is it)."""
    return code.startswith(prefix)
