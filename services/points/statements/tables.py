"""Folds: balances of accounts that keep none, every so many entries, so that a sum need not begin at the first."""

import uuid

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.points.base import Base
from shared.database import APPEND_ONLY


class Fold(Base):
    """The balance of an account up to and with one of its entries, behind which nothing is added any more."""

    __tablename__ = "fold"
    __table_args__ = ({"info": APPEND_ONLY},)

    community_code: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    leg: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    balance: Mapped[int]
