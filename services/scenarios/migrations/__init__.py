"""The migrations of the scenarios service, and the tables they are compared with: each slice's, imported here."""

from services.scenarios.base import Base

METADATA = Base.metadata
