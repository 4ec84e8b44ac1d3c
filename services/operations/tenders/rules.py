"""When bids are taken, who may score, how scores are sealed and opened, and who wins."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SM3, Hash

from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

EVALUATORS_MIN = 3
WHOLE_BP = 10_000
SCORE_MAX = 100
Scores = Mapping[str, Mapping[str, int]]
"""By provider and criterion, 0 to 100."""


@dataclass(kw_only=True, eq=False)
class TenderUnseen(Unseen):
    """There is no such tender."""

    type = "tender-unseen"
    title = "未找到该招标"
    title_en = "No such tender"
    detail = "未找到招标 {tender_id}。请核对编号。"
    detail_en = "There is no tender {tender_id}. Check its id."

    tender_id: str


@dataclass(kw_only=True, eq=False)
class CriteriaInvalid(Inadmissible):
    """The weights do not come to a whole."""

    type = "tender-criteria-invalid"
    title = "评分权重有误"
    title_en = "Invalid criteria"
    detail = "各项权重之和须为 10000（万分比），现为 {sum_bp}。"
    detail_en = "The weights come to {sum_bp} basis points; they have to come to 10,000."

    sum_bp: int


@dataclass(kw_only=True, eq=False)
class WrongPhase(Conflict):
    """The tender is not at this point."""

    type = "tender-wrong-phase"
    title = "招标阶段不符"
    title_en = "Wrong phase"
    detail = "当前不能{asked}：投标截止于 {bids_until}；各评委提交密封评分后方可开封，全部开封后方可定标。"
    detail_en = "Not now ({asked}): bids end at {bids_until}; scores are opened when all are in, and then awarded."

    asked: str
    bids_until: str


@dataclass(kw_only=True, eq=False)
class AlreadyDone(Conflict):
    """A bid, a ballot or an award is given once."""

    type = "tender-already-done"
    title = "已提交"
    title_en = "Already done"
    detail = "{what}已提交，不得重复或更改。"
    detail_en = "The {what} is in; it is not given twice, nor changed."

    what: str


@dataclass(kw_only=True, eq=False)
class ConflictOfInterest(Forbidden):
    """An evaluator who has to stay out."""

    type = "tender-conflict-of-interest"
    title = "利益冲突须回避"
    title_en = "Conflict of interest"
    detail = "评委未申报或与投标人 {bidders} 存在利益关系，须回避本次评审。"
    detail_en = "The evaluator has declared nothing, or an interest in {bidders}; somebody else has to score."

    bidders: str


@dataclass(kw_only=True, eq=False)
class BallotInvalid(Inadmissible):
    """Opened scores that are not those that were sealed, or do not score each bid by each criterion."""

    type = "tender-ballot-invalid"
    title = "评分与密封承诺不符"
    title_en = "Scores differ from what was sealed"
    detail = "开封评分须与密封承诺一致，且对每个投标、每项指标给出 0 至 100 的整数。"
    detail_en = "Opened scores have to be those that were sealed: 0 to 100 for each bid and criterion."


def check_criteria(criteria: Mapping[str, int]) -> None:
    """Refuse weights that do not come to a whole.

    Raises:
        CriteriaInvalid: They do not.
    """
    if sum(criteria.values()) != WHOLE_BP or min(criteria.values(), default=0) <= 0:
        raise CriteriaInvalid(sum_bp=sum(criteria.values()))


def check_phase(asked: str, bids_until: datetime, now: datetime, *, bidding: bool) -> None:
    """Refuse a bid after the deadline, and all else before it.

    Raises:
        WrongPhase: It is.
    """
    if (now < bids_until) != bidding:
        raise WrongPhase(asked=asked, bids_until=bids_until.isoformat())


def check_interest(declared: Sequence[str] | None, bidders: Sequence[uuid.UUID]) -> None:
    """Refuse an evaluator who has not declared interests, or has one in a bidder.

    Raises:
        ConflictOfInterest: So it is.
    """
    if declared is None or (shared := sorted({str(bidder) for bidder in bidders} & set(declared))):
        raise ConflictOfInterest(bidders="、".join(shared) if declared is not None else "—")


def commitment_of(tender_id: uuid.UUID, evaluator: str, scores: Scores, nonce: str) -> str:
    """Return what an evaluator hands in before the scores are opened: SM3, in hex, over the scores and a nonce.

    The tender and the evaluator are in it, so that nobody hands in another's.
    """
    text = json.dumps([str(tender_id), evaluator, scores, nonce], sort_keys=True, separators=(",", ":"))
    digest = Hash(SM3())
    digest.update(text.encode())
    return digest.finalize().hex()


def check_scores(scores: Scores, bidders: Sequence[uuid.UUID], criteria: Mapping[str, int]) -> None:
    """Refuse scores that leave out a bid or a criterion, or are out of range.

    Raises:
        BallotInvalid: They do.
    """
    whole = {str(bidder) for bidder in bidders}
    if scores.keys() != whole or any(one.keys() != criteria.keys() for one in scores.values()):
        raise BallotInvalid
    if any(not 0 <= score <= SCORE_MAX for one in scores.values() for score in one.values()):
        raise BallotInvalid


@dataclass(frozen=True, slots=True)
class Standing:
    """A bid and its points: the weighted sum over all evaluators, an integer that compares exactly."""

    provider_id: uuid.UUID
    price_fen: int
    points: int


def ranked(bids: Mapping[uuid.UUID, int], ballots: Sequence[Scores], criteria: Mapping[str, int]) -> list[Standing]:
    """Return bids (provider → price in fen), the best first; of equal points the lower price wins."""
    standings = [
        Standing(
            provider_id,
            price,
            sum(weight * ballot[str(provider_id)][code] for ballot in ballots for code, weight in criteria.items()),
        )
        for provider_id, price in bids.items()
    ]
    return sorted(standings, key=lambda one: (-one.points, one.price_fen, one.provider_id))
