"""Families, as residents and the desk see them."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.families.attest import Attestation, attest
from services.points.families.consent import Consent, consent
from services.points.families.end_bond import REFUSALS as END_BOND
from services.points.families.end_bond import end_bond
from services.points.families.invite import REFUSALS as INVITE
from services.points.families.invite import Invitation, invite
from services.points.families.queries import bonds_of, hold_bond, seen_by, state_of
from services.points.families.rules import (
    INVITATION_LASTS,
    AttestedByRelative,
    BondState,
    BondStepRefused,
    BondUnseen,
    InvitationUnseen,
    OwnInvitation,
    RelatedAlready,
    Relation,
)
from services.points.families.share import REFUSALS as SHARE
from services.points.families.share import Share, share
from services.points.families.tables import FamilyBond
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/family", tags=["家庭账户 families"], route_class=IdempotentRoute)


class InvitationRequest(BaseModel):
    """What the invited is to me."""

    model_config = ConfigDict(extra="forbid")

    relation: Annotated[Relation, Field(description="对方是我的：配偶、父母、子女 / what they are to me")]


class InvitationView(BaseModel):
    """An invitation; the code is for the relative alone."""

    bond_id: uuid.UUID
    code: str
    expires_at: Moment


class ConsentRequest(BaseModel):
    """The code that a relative gave me."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=16, max_length=64)]


class AttestationRequest(BaseModel):
    """What the desk has seen."""

    model_config = ConfigDict(extra="forbid")

    document: Annotated[
        str,
        Field(min_length=1, max_length=100, pattern=PRINTABLE, description="证件种类，不填号码 / its kind, no number"),
    ]


class ShareRequest(BaseModel):
    """How many points of which community's book are shared with the other of a bond."""

    model_config = ConfigDict(extra="forbid")

    bond_id: uuid.UUID
    community_code: CommunityCode
    points: Annotated[int, Field(ge=1, le=1_000_000)]


class ShareView(BaseModel):
    """What was shared, and what is left."""

    transfer_id: uuid.UUID
    points: int
    balance_after: int | None


class BondView(BaseModel):
    """A bond as the caller sees it: what the other is to them."""

    bond_id: uuid.UUID
    relation: Relation
    state: BondState


def _view(bond: FamilyBond, resident_id: uuid.UUID) -> BondView:
    return BondView(bond_id=bond.bond_id, relation=seen_by(bond, resident_id).relation, state=state_of(bond))


@router.post(
    "/invitations",
    status_code=201,
    summary="邀请家人 / Invite a relative",
    responses=responses(*INVITE, OutOfScope),
)
async def invite_relative(body: InvitationRequest, session: Transaction, who: Caller) -> InvitationView:
    """Invite a direct relative, who consents with the code within a week."""
    me, now = resident_of(who), datetime.now(UTC)
    bond, code = await invite(session, Invitation(me.resident_id, me.home_community, body.relation, now))
    return InvitationView(bond_id=bond.bond_id, code=code, expires_at=now + INVITATION_LASTS)


@router.post(
    "/consents",
    status_code=201,
    summary="同意家人邀请 / Consent to an invitation",
    responses=responses(InvitationUnseen, OwnInvitation, RelatedAlready, OutOfScope),
)
async def consent_to_invitation(body: ConsentRequest, session: Transaction, who: Caller) -> BondView:
    """Consent for oneself; nobody can for another."""
    me = resident_of(who)
    return _view(await consent(session, Consent(me.resident_id, body.code, datetime.now(UTC))), me.resident_id)


@router.post(
    "/bonds/{bond_id}/attestation",
    status_code=201,
    summary="核验亲属关系 / Attest a bond",
    responses=responses(BondUnseen, BondStepRefused, AttestedByRelative, OutOfScope),
)
async def attest_bond(bond_id: uuid.UUID, body: AttestationRequest, session: Transaction, who: Caller) -> BondView:
    """Attest that the two are what they say; takes the desk or an official of the inviter's community."""
    bond = await hold_bond(session, bond_id)
    who.require(bond.community_code, "desk", "official")
    await attest(session, Attestation(bond_id, body.document, by=who.subject, now=datetime.now(UTC)))
    return _view(bond, bond.inviter_id)


@router.post(
    "/bonds/{bond_id}/end",
    status_code=201,
    summary="解除亲属关系 / End a bond",
    responses=responses(*END_BOND, OutOfScope),
)
async def end(bond_id: uuid.UUID, session: Transaction, who: Caller) -> BondView:
    """End a bond; either of the two may."""
    me = resident_of(who)
    return _view(await end_bond(session, bond_id, me.resident_id, datetime.now(UTC)), me.resident_id)


@router.get("", summary="我的家庭 / My family", responses=responses(OutOfScope))
async def read_family(session: Transaction, who: Caller) -> list[BondView]:
    """List one's own bonds and invitations."""
    me = resident_of(who).resident_id
    return [_view(bond, me) for bond in await bonds_of(session, me)]


@router.post(
    "/shares",
    status_code=201,
    summary="与家人共享积分 / Share points with a relative",
    responses=responses(*SHARE, OutOfScope),
)
async def share_points(body: ShareRequest, session: Transaction, who: Caller) -> ShareView:
    """Move service points to a bound relative; they keep their expiry."""
    me = resident_of(who)
    order = Share(me.resident_id, **body.model_dump(), reference=uuid.uuid4().hex, now=datetime.now(UTC))
    posted = await share(session, order)
    return ShareView(transfer_id=posted.transfer_id, points=body.points, balance_after=posted.balances[0])
