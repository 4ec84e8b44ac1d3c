"""The reference list of communities, and those that take part."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base


class CommunityReference(Base):
    """A community or village of the province, as the statistical code knows it."""

    __tablename__ = "community_reference"
    __table_args__ = (
        CheckConstraint(
            "street_code = left(code, 9) AND district_code = left(code, 6) AND city_code = left(code, 4)",
            name="codes_are_prefixes",
        ),
        CheckConstraint("code ~ '^[0-9]{12}$'", name="code_has_12_digits"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    street_code: Mapped[str]
    street: Mapped[str]
    district_code: Mapped[str]
    district: Mapped[str]
    city_code: Mapped[str]
    city: Mapped[str]


class Community(Base):
    """A community that takes part."""

    __tablename__ = "community"

    community_code: Mapped[str] = mapped_column(ForeignKey(CommunityReference.code), primary_key=True)
    registered_at: Mapped[datetime]
    registered_by: Mapped[str]
