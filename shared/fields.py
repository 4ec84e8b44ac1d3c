"""Fields that the services' APIs share: area codes, whose prefix is a scope, text that the store can hold, levels."""

import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

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


Level = Literal["L1", "L2", "L3", "L4"]
"""L1 is open; L2 and L3 take an approval, or are masked; L4 is opened to nobody outside."""
Mask = Literal["id-number", "name", "mobile", "landline", "email", "bank-card", "other"]
LEVEL, MASK = "x-linli-level", "x-linli-mask"
"""Where a level and the rule to mask by stand in a schema."""


def of_level(level: Level, mask: Mask = "other") -> Any:  # noqa: ANN401 - as pydantic's Field
    """Tag a field: it is of this level, and masked by this rule for whom that is not open."""
    return Field(json_schema_extra={LEVEL: level, MASK: mask})


ResidentId = Annotated[uuid.UUID, of_level("L2")]
"""A resident or a household, by its pseudonym: an application not granted L2 knows it by another."""

Subject = Annotated[str, of_level("L2")]
"""Who did it, `<kind>:<id>`; a resident's id is masked as above."""

ResidentText = Annotated[str, of_level("L3")]
"""What residents say of themselves: masked to staff too, who give a reason to read it."""

VisitorId = Annotated[uuid.UUID, of_level("L4")]
"""Who was where and when: visit records are opened to no application, and to staff for a reason only."""

RESIDENTS = frozenset({"resident_id", "giver_id", "receiver_id", "payer_id", "household_id", "care"})
"""The names of fields that hold a resident's id, or a list of them, in calls and in events."""
