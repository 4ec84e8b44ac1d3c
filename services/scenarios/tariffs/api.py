"""HTTP: what spaces cost, and paying a booking in points."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scenarios.assistance.rules import Band
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import BookingCancelled, BookingElsewhere, BookingLapsed, BookingUnseen
from services.scenarios.spaces.queries import find_space
from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.tariffs.pay import Pay, pay
from services.scenarios.tariffs.queries import find_charge, find_payment, find_tariff
from services.scenarios.tariffs.rules import (
    NotPayableInPoints,
    PaymentBegun,
    PaymentState,
    Tariff,
    TariffUnseen,
    state_of,
)
from services.scenarios.tariffs.set_tariff import SetTariff, set_tariff
from services.scenarios.tariffs.tables import Payment
from shared import problems
from shared.assistance import ChannelBody, ChannelNotAllowed, ConsentMissing
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["收费 Tariffs"], route_class=IdempotentRoute)

Fen = Annotated[int, Field(ge=1, le=10**9)]
Points = Annotated[int, Field(ge=1, le=10**6)]


class TariffBody(BaseModel):
    """What a space costs: fen at the desk or, where they are accepted, points instead; each with a cap per booking."""

    model_config = ConfigDict(from_attributes=True)

    fen_per_hour: Annotated[Fen, Field(description="每小时（分） / fen an hour")]
    fen_cap: Annotated[Fen, Field(description="每次预约封顶（分） / at most, for a booking")]
    points_per_hour: Annotated[Points | None, Field(description="可改用积分支付时，每小时积分 / points instead")] = None
    points_cap: Annotated[Points | None, Field(description="每次预约积分封顶 / at most, for a booking")] = None
    free_for: Annotated[set[Band], Field(description="免费的年龄段 / age bands that pay nothing")] = set()

    @model_validator(mode="after")
    def _together(self) -> "TariffBody":
        if (self.points_per_hour is None) != (self.points_cap is None):
            raise ValueError("points_per_hour 与 points_cap 须同时填写 / give both or neither")
        return self


class PaymentView(BaseModel):
    """A payment in points: paying, paid, returning what was held or captured, or unpaid, and why."""

    booking_id: uuid.UUID
    points: int
    state: PaymentState
    reason: str | None


class ChargeView(BaseModel):
    """What a booking costs, and its payment in points if there is one."""

    fen: Annotated[int, Field(description="在服务台支付（分） / at the desk")]
    points: Annotated[int | None, Field(description="或以积分支付 / or in points")]
    payment: PaymentView | None


def _view(payment: Payment) -> PaymentView:
    state = state_of(payment.done, undoing=payment.undoing)
    return PaymentView(booking_id=payment.booking_id, points=payment.points, state=state, reason=payment.reason)


@router.post(
    "/spaces/{space_id}/tariff",
    status_code=201,
    summary="设置收费标准 / Set a tariff",
    responses=problems.responses(SpaceUnseen, OutOfScope),
)
async def set_price(session: Transaction, who: Caller, space_id: uuid.UUID, body: TariffBody) -> TariffBody:
    """Say what a space costs; the operator or an official may."""
    tariff = Tariff(**{**body.model_dump(), "free_for": frozenset(body.free_for)})
    return TariffBody.model_validate(await set_tariff(session, SetTariff(space_id, tariff, who)))


@router.get(
    "/spaces/{space_id}/tariff",
    summary="收费标准 / What a space costs",
    responses=problems.responses(SpaceUnseen, TariffUnseen),
)
async def price(session: Transaction, _: Caller, space_id: uuid.UUID) -> TariffBody:
    """Show what a space costs."""
    space = await find_space(session, space_id)
    tariff = await find_tariff(session, space.community_code, space.id)
    if tariff is None:
        raise TariffUnseen(space_id=str(space_id))
    return TariffBody.model_validate(tariff)


@router.get(
    "/bookings/{booking_id}/charge",
    summary="预约费用 / What a booking costs",
    responses=problems.responses(BookingUnseen),
)
async def charge(session: Transaction, who: Caller, booking_id: uuid.UUID) -> ChargeView:
    """Show what a booking costs, and how its payment in points stands."""
    booking = await find_booking(session, booking_id, who)
    cost = await find_charge(session, booking)
    payment = await find_payment(session, booking.community_code, booking.id)
    return ChargeView(fen=cost.fen, points=cost.points, payment=_view(payment) if payment else None)


@router.post(
    "/bookings/{booking_id}/payment",
    status_code=201,
    summary="积分支付 / Pay in points",
    responses=problems.responses(
        BookingUnseen,
        OutOfScope,
        ChannelNotAllowed,
        ConsentMissing,
        BookingLapsed,
        BookingCancelled,
        BookingElsewhere,
        NotPayableInPoints,
        PaymentBegun,
    ),
)
async def pay_in_points(session: Transaction, who: Caller, booking_id: uuid.UUID, body: ChannelBody) -> PaymentView:
    """Pay a held booking in points of its community: they are held, the booking is confirmed, they are captured."""
    command = Pay(booking_id, body.channel, body.recorded_consent(), who, datetime.now(UTC))
    return _view(await pay(session, command))
