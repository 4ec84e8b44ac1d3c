"""HTTP: the need list, and what answers a need."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from services.scenarios.catalogue.queries import find_indicator
from services.scenarios.catalogue.rules import Scene
from services.scenarios.needs.draw_needs import DrawNeeds, draw_needs
from services.scenarios.needs.link_need import LinkNeed, link_need
from services.scenarios.needs.queries import list_needs
from services.scenarios.needs.rules import AnswerKind, AnswerUnseen, NeedUnseen, SurveyStillOpen
from services.scenarios.needs.tables import Need, NeedAnswer
from services.scenarios.surveys.rules import SurveyUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["需求清单 Needs"], route_class=IdempotentRoute)


class NeedAnswerBody(BaseModel):
    """What answers a need."""

    model_config = ConfigDict(from_attributes=True)

    kind: AnswerKind
    answer_id: uuid.UUID


class NeedAnswerView(NeedAnswerBody):
    """What answers a need, since when."""

    linked_at: Moment


class NeedView(BaseModel):
    """A need: where it comes from, the scene it belongs to, and what answers it."""

    id: uuid.UUID
    survey_id: uuid.UUID
    question: str
    option: str
    votes: int
    rank: int
    indicator_no: int
    scene: Scene
    answers: list[NeedAnswerView]


class NeedList(BaseModel):
    """Needs, the most wanted first."""

    items: list[NeedView]


def _view(found: Sequence[tuple[Need, list[NeedAnswer]]]) -> NeedList:
    own = [name for name in NeedView.model_fields if name not in {"scene", "answers"}]
    return NeedList(
        items=[
            NeedView.model_validate(
                {
                    **{name: getattr(need, name) for name in own},
                    "scene": find_indicator(need.indicator_no).scene,
                    "answers": [NeedAnswerView.model_validate(answer) for answer in answers],
                }
            )
            for need, answers in found
        ]
    )


@router.post(
    "/surveys/{survey_id}/needs",
    status_code=201,
    summary="形成需求清单 / Draw a need list",
    responses=problems.responses(SurveyUnseen, OutOfScope, SurveyStillOpen),
)
async def draw(session: Transaction, who: Caller, survey_id: uuid.UUID) -> NeedList:
    """Draw the need list of a survey that has closed; staff of the community may."""
    return _view(await draw_needs(session, DrawNeeds(survey_id, who, datetime.now(UTC))))


@router.get("/needs", summary="需求清单 / The need list")
async def browse(
    session: Transaction, _: Caller, community_code: CommunityCode, survey_id: uuid.UUID | None = None
) -> NeedList:
    """List a community's needs with the scenes they belong to and what answers them."""
    return _view(await list_needs(session, community_code, survey_id))


@router.post(
    "/needs/{need_id}/answers",
    status_code=201,
    summary="关联回应 / Link what answers a need",
    responses=problems.responses(NeedUnseen, OutOfScope, AnswerUnseen),
)
async def link(session: Transaction, who: Caller, need_id: uuid.UUID, body: NeedAnswerBody) -> NeedList:
    """Link a need to the programme, space, activity or facility that answers it; shows its survey's list."""
    need = await link_need(session, LinkNeed(need_id, body.kind, body.answer_id, who))
    return _view(await list_needs(session, need.community_code, need.survey_id))
