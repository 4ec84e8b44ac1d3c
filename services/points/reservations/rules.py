"""What each step of a payment is in the book."""

from services.points.ledger.rules import (
    POOL,
    AlreadyPosted,
    AssetClass,
    BookAccount,
    MoreThanPosted,
    NothingToReverse,
    PostTransfer,
    TransferKind,
    hold_of,
    release_of,
    resident,
)
from services.points.lots.rules import HoldClosed
from shared.errors import Refusal
from shared.events.scenarios import PaymentStepRequested

SETTLED_BY = {
    "hold": (AlreadyPosted,),
    "capture": (AlreadyPosted,),
    "release": (HoldClosed,),
    "refund": (AlreadyPosted, NothingToReverse, MoreThanPosted),
}
"""Refusals that mean that the step has nothing left to do: it was done before, or there is nothing to undo."""


def reference_of(asked: PaymentStepRequested) -> str:
    """Name what is held and paid for a booking."""
    return f"booking:{asked.booking_id}"


def transfer_for(asked: PaymentStepRequested) -> PostTransfer:
    """Return what a step posts: service points of the resident in the book of the community, paid into its pool."""
    name, reference = resident(asked.resident_id), reference_of(asked)
    account: BookAccount = (asked.community_code, AssetClass.SERVICE, name)
    book = asked.community_code, AssetClass.SERVICE
    if asked.step == "hold":
        return hold_of(account, reference, asked.points, asked.hold_until)
    if asked.step == "release":
        return release_of(account, reference)
    paid = ((name, -asked.points), (POOL, asked.points))
    if asked.step == "capture":
        return PostTransfer(*book, TransferKind.REDEEM, reference, paid, hold=reference)
    returned = tuple((owner, -amount) for owner, amount in paid)
    original = TransferKind.REDEEM, reference
    return PostTransfer(*book, TransferKind.REVERSE, reference, returned, reverses=original)


def is_settled(step: str, refusal: Refusal) -> bool:
    """Tell whether a step that was refused is as good as done."""
    return isinstance(refusal, SETTLED_BY[step])
