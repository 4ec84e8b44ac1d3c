"""The migrations of the points service, and the tables they are compared with: each slice's, imported here."""

from services.points.base import Base

METADATA = Base.metadata
