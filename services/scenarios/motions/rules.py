"""How a motion goes on, and who is owed an answer (S16)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

MotionStage = Literal["wishes", "design", "vote", "supervision", "acceptance", "closed"]
STAGES: tuple[MotionStage, ...] = get_args(MotionStage)
ANSWER_DAYS = 15
"""A contribution is answered within 15 days, and in any case before its stage ends (assumed)."""


@dataclass(kw_only=True, eq=False)
class MotionUnseen(Unseen):
    """There is no such motion."""

    type = "motion-unseen"
    title = "没有这个议题"
    title_en = "No such motion"
    detail = "没有编号为 {motion_id} 的议题，请从社区的议题列表中选择。"
    detail_en = "There is no motion {motion_id}; choose one from the community's list."

    motion_id: str


@dataclass(kw_only=True, eq=False)
class ContributionUnseen(Unseen):
    """There is no such contribution to the motion."""

    type = "contribution-unseen"
    title = "没有这条意见"
    title_en = "No such contribution"
    detail = "此议题下没有编号为 {contribution_id} 的意见。"
    detail_en = "The motion has no contribution {contribution_id}."

    contribution_id: str


@dataclass(kw_only=True, eq=False)
class AlreadyAnswered(Conflict):
    """The contribution has its answer; answers are not changed."""

    type = "already-answered"
    title = "此意见已答复"
    title_en = "Already answered"
    detail = "此意见已答复，答复不可更改；如有补充，请在议题中另行说明。"
    detail_en = "The contribution was answered, and answers stay; add to it by a contribution of your own."


@dataclass(kw_only=True, eq=False)
class NotAtThisStage(Conflict):
    """What was asked belongs to another stage."""

    type = "not-at-this-stage"
    title = "议题不在相应阶段"
    title_en = "Not at this stage"
    detail = "议题现处于 {stage} 阶段，此操作须在 {needed} 阶段进行。"
    detail_en = "The motion is at {stage}; this is done at {needed}."

    stage: str
    needed: str


@dataclass(kw_only=True, eq=False)
class AnswersOwed(Conflict):
    """Residents wait for an answer, so that the stage cannot end."""

    type = "answers-owed"
    title = "尚有意见未答复"
    title_en = "Answers are owed"
    detail = "本阶段还有 {count} 条意见未答复，逐条答复后才能进入下一阶段。"
    detail_en = "{count} contributions of this stage have no answer; answer each before going on."

    count: int


@dataclass(kw_only=True, eq=False)
class StageUnfinished(Conflict):
    """The stage lacks what it is there for."""

    type = "stage-unfinished"
    title = "本阶段工作尚未完成"
    title_en = "Stage is unfinished"
    detail = (
        "{stage} 阶段还不能结束：意见征集须有意见，方案设计须有选项、名册与投票时间，"
        "投票须已计票，监督与验收须有居民参与。"
    )
    detail_en = (
        "Stage {stage} cannot end yet: wishes need one wish, design needs options, a roll and a time to vote, a vote"
        " its count, supervision and acceptance a contribution of residents."
    )

    stage: str


@dataclass(kw_only=True, eq=False)
class PollTimesInadmissible(Inadmissible):
    """The time to vote is past, empty or reversed."""

    type = "poll-times-inadmissible"
    title = "投票时间有误"
    title_en = "Poll times are inadmissible"
    detail = "投票须在将来开始，且结束晚于开始。"
    detail_en = "A poll starts in the future and ends after it starts."


@dataclass(kw_only=True, eq=False)
class PollNotOpen(Conflict):
    """There is no voting now."""

    type = "poll-not-open"
    title = "现在不能投票"
    title_en = "Poll is not open"
    detail = "投票时间为 {opens_at} 至 {closes_at}。"
    detail_en = "Votes are taken from {opens_at} to {closes_at}."

    opens_at: str
    closes_at: str


@dataclass(kw_only=True, eq=False)
class PollStillOpen(Conflict):
    """Votes are counted when the poll has closed."""

    type = "poll-still-open"
    title = "投票尚未结束，不能计票"
    title_en = "Poll is still open"
    detail = "投票于 {closes_at} 结束，之后才能计票。"
    detail_en = "The poll closes at {closes_at}; votes are counted after that."

    closes_at: str


@dataclass(kw_only=True, eq=False)
class NotOnRoll(Forbidden):
    """The resident has no vote in this motion."""

    type = "not-on-roll"
    title = "不在投票名册中"
    title_en = "Not on the roll"
    detail = "该居民不在此议题的投票名册中；如有异议，请联系社区服务台核对。"
    detail_en = "The resident is not on the roll of this motion; the community's desk can check it."


@dataclass(kw_only=True, eq=False)
class AlreadyVoted(Conflict):
    """One ballot each: the first counts, by whichever channel it came."""

    type = "already-voted"
    title = "已投过票"
    title_en = "Already voted"
    detail = "该居民已投票，每人一票，以先投的为准，不论线上、服务台、纸质或上门。"
    detail_en = (
        "The resident has voted. One ballot each: the first counts, whether online, at the desk, on paper or at home."
    )


def following(stage: MotionStage) -> MotionStage:
    """Return the stage that follows.

    Raises:
        NotAtThisStage: The motion is closed.
    """
    if stage == "closed":
        raise NotAtThisStage(stage=stage, needed="、".join(STAGES[:-1]))
    return STAGES[STAGES.index(stage) + 1]


def require_stage(stage: str, *needed: MotionStage) -> None:
    """Refuse what belongs to other stages.

    Raises:
        NotAtThisStage: The motion is at none of those needed.
    """
    if stage not in needed:
        raise NotAtThisStage(stage=stage, needed="、".join(needed))


def answer_due(contributed_at: datetime) -> datetime:
    """Return when a contribution is to be answered at the latest."""
    return contributed_at + timedelta(days=ANSWER_DAYS)


def check_poll(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Refuse a time to vote that nobody could keep.

    Raises:
        PollTimesInadmissible: It starts in the past, or does not end after it starts.
    """
    if not now <= opens_at < closes_at:
        raise PollTimesInadmissible


def check_finished(stage: MotionStage, *, contributions: int, unanswered: int, prepared: bool, counted: bool) -> None:
    """Refuse to end a stage that owes something.

    Raises:
        AnswersOwed: Contributions of the stage have no answer.
        StageUnfinished: The stage lacks what it is there for.
    """
    if unanswered:
        raise AnswersOwed(count=unanswered)
    done = {"design": prepared, "vote": counted}.get(stage, contributions > 0)
    if not done:
        raise StageUnfinished(stage=stage)
