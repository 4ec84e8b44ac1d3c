"""The reference list of communities, and those that take part."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.operations.base import Base
from shared.database import APPEND_ONLY


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


class CommunityProfile(Base):
    """What a community is like, from a revision on; the latest counts, and none is changed."""

    __tablename__ = "community_profile"
    __table_args__ = (
        CheckConstraint(
            "project_type IN ('integrated', 'partly_rebuilt', 'rebuilt', 'new_built', 'whole_area')",
            name="project_type_is_known",
        ),
        CheckConstraint("tier IN ('basic', 'model', 'leading')", name="tier_is_known"),
        CheckConstraint("population >= 0 AND households >= 0 AND area_m2 > 0", name="sizes_are_counts"),
        CheckConstraint("households <= population", name="a_household_has_people"),
        {"info": APPEND_ONLY},
    )

    community_code: Mapped[str] = mapped_column(ForeignKey(Community.community_code), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    project_type: Mapped[str]
    tier: Mapped[str]
    population: Mapped[int]
    households: Mapped[int]
    area_m2: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
