"""The base of the gateway's tables."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from shared.database import NAMING, TYPES


class Base(DeclarativeBase):
    """Declares the gateway's tables, with 64-bit integers and times with zones."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES
