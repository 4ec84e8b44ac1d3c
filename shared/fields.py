"""Fields that the services' APIs share: what the store can hold, said in the API's own description."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""Text of a person: PostgreSQL holds no NUL, and nobody means the other control characters."""

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC)),
    AfterValidator(lambda moment: moment.astimezone(UTC)),
]
"""A time with its zone, within the two centuries that anybody can mean; given back in UTC, wherever it came from."""
