"""The base of this service's tables."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from shared.database import NAMING, TYPES


class Base(DeclarativeBase):
    """Declares this service's tables, with 64-bit integers and times with zones."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES
