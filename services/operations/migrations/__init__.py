"""The migrations of the operations service, and the tables they are compared with: each slice's, imported here."""

from services.operations.base import Base

METADATA = Base.metadata
