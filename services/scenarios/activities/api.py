"""HTTP: publish activities, look at them, sign up."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.scenarios.activities.publish_activity import PublishActivity, publish_activity
from services.scenarios.activities.queries import find_activity
from services.scenarios.activities.rules import (
    ASSISTED,
    ActivityFull,
    ActivityOver,
    ActivityUnseen,
    AlreadySignedUp,
    NoSeat,
    QuotasInadmissible,
    TimesInadmissible,
)
from services.scenarios.activities.sign_up import TakeSeat, sign_up
from services.scenarios.activities.tables import Activity
from services.scenarios.activities.withdraw import Withdraw, withdraw
from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import list_published
from services.scenarios.communities.rules import CommunityUnknown
from shared import problems
from shared.assistance import Channel, ChannelNotAllowed, ConsentMissing, ResidentBody
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, ResidentId, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(prefix="/activities", tags=["活动 Activities"], route_class=IdempotentRoute)


Category = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", examples=["elder", "child", "general"])]


class ActivityTerms(BaseModel):
    """What is done, when, and for how many."""

    community_code: CommunityCode
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", examples=["volunteering"])]
    title: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    capacity: Annotated[int, Field(ge=1, le=100_000)]
    starts_at: Moment
    ends_at: Moment
    quotas: Annotated[
        dict[Category, Annotated[int, Field(ge=1, le=100_000)]],
        Field(
            max_length=10,
            description="为各类居民保留的名额，如一老一小；assisted 为代办渠道保留 / seats kept for categories, and"
            " under `assisted` for the desk's channels",
        ),
    ] = {}
    quotas_until: Annotated[Moment | None, Field(description="保留至何时，缺省为开始时 / kept until; the start")] = None
    waitlist_until: Annotated[Moment | None, Field(description="候补截止，缺省为开始时 / cut-off; the start")] = None
    offer_minutes: Annotated[int, Field(ge=5, le=2880, description="候补通知的答复时限 / time to answer an offer")] = (
        120
    )
    grace_minutes: Annotated[
        int | None, Field(ge=5, le=120, description="开始后多久未签到即释放名额，缺省为不释放 / else seats are kept")
    ] = None


class ActivityView(ActivityTerms):
    """A published activity."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    seats_taken: Annotated[int, Field(description="含已通知候补者的名额 / seats on offer included")]
    waiting: Annotated[int, Field(description="候补人数 / how many wait or have an offer")]
    code: Annotated[str | None, Field(description="签到码，仅工作人员可见 / check-in code, for staff only")]


def _view(activity: Activity, who: Identity) -> ActivityView:
    view = ActivityView.model_validate(activity)
    return view if who.holds(activity.community_code, *STAFF_ROLES) else view.model_copy(update={"code": None})


@router.post(
    "",
    status_code=201,
    summary="发布活动 / Publish an activity",
    responses=problems.responses(OutOfScope, TimesInadmissible, QuotasInadmissible, CommunityUnknown),
)
async def publish(session: Transaction, who: Caller, body: ActivityTerms) -> ActivityView:
    """Publish an activity with its seats; staff of the community may."""
    command = PublishActivity(**body.model_dump(), by=who, now=datetime.now(UTC))
    return _view(await publish_activity(session, command), who)


@router.get("", summary="社区的活动 / Activities of a community", responses=problems.responses(BadCursor))
async def browse(
    session: Transaction, who: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[ActivityView]:
    """List a community's activities in the order they were published."""
    activities, next_cursor = await list_published(session, Activity, community_code, cursor, page_size)
    return Page(items=[_view(activity, who) for activity in activities], next_cursor=next_cursor)


@router.get("/{activity_id}", summary="一个活动 / An activity", responses=problems.responses(ActivityUnseen))
async def show(session: Transaction, who: Caller, activity_id: uuid.UUID) -> ActivityView:
    """Show an activity; its check-in code to staff only."""
    return _view(await find_activity(session, activity_id), who)


PartySize = Annotated[int, Field(ge=1, le=20, description="同行人数，含本人 / itself included")]


class SignUpRequest(ResidentBody):
    """Seats for a resident and its party."""

    resident_community_code: Annotated[CommunityCode, Field(description="居民所属社区 / the resident's own community")]
    party_size: PartySize = 1
    category: Category = "general"

    @field_validator("category")
    @classmethod
    def _of_the_resident(cls, category: str) -> str:
        if category == ASSISTED:
            raise ValueError("assisted 由代办渠道决定，请填居民类别 / the channel decides that; give a category")
        return category


class SignUpView(BaseModel):
    """A resident's seat."""

    model_config = ConfigDict(from_attributes=True)

    activity_id: uuid.UUID
    community_code: CommunityCode
    resident_id: ResidentId
    resident_community_code: CommunityCode
    party_size: int
    category: str
    channel: Channel
    given_by: Subject
    signed_up_at: Moment


@router.post(
    "/{activity_id}/sign-ups",
    status_code=201,
    summary="报名 / Sign up",
    responses=problems.responses(
        ActivityUnseen,
        OutOfScope,
        ChannelNotAllowed,
        ConsentMissing,
        CommunityUnknown,
        AlreadySignedUp,
        ActivityFull,
        ActivityOver,
    ),
)
async def take_seat(session: Transaction, who: Caller, activity_id: uuid.UUID, body: SignUpRequest) -> SignUpView:
    """Sign up: a resident itself, or the desk for a resident who consented."""
    command = TakeSeat(
        activity_id,
        body.resident_community_code,
        body.on_behalf(),
        who,
        datetime.now(UTC),
        body.party_size,
        body.category,
    )
    return SignUpView.model_validate(await sign_up(session, command))


@router.post(
    "/{activity_id}/withdrawals",
    status_code=201,
    summary="退出报名 / Give seats up",
    responses=problems.responses(ActivityUnseen, OutOfScope, ChannelNotAllowed, ConsentMissing, ActivityOver, NoSeat),
)
async def give_up(session: Transaction, who: Caller, activity_id: uuid.UUID, body: ResidentBody) -> SignUpView:
    """Give seats up before the activity begins; who waits is offered them at once."""
    command = Withdraw(activity_id, body.on_behalf(), who, datetime.now(UTC))
    return SignUpView.model_validate(await withdraw(session, command))
