"""Why a closure is not seen."""

from dataclasses import dataclass

from shared.errors import Unseen


@dataclass(kw_only=True, eq=False)
class ClosureUnseen(Unseen):
    """There is no such closure."""

    type = "closure-unseen"
    title = "没有这次停用"
    title_en = "No such closure"
    detail = "没有编号为 {closure_id} 的停用安排，请核对编号。"
    detail_en = "There is no closure {closure_id}; check the id."

    closure_id: str
