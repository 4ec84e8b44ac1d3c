"""Fields that the services' APIs share: what the store can hold, said in the API's own description."""

PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""Text of a person: PostgreSQL holds no NUL, and nobody means the other control characters."""
