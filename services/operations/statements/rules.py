"""What an operating statement is made of."""

from dataclasses import dataclass
from typing import Literal

from shared.errors import Unseen

ProjectType = Literal["improvement", "partial_rebuild", "rebuild", "new_build", "whole_area"]
"""整合提升, 拆改结合, 拆除重建, 规划新建, 全域."""
Tier = Literal["leading", "model", "basic"]
"""领跑级, 示范级, 基本级."""
CostCategory = Literal["staff", "venue", "energy", "maintenance", "activities", "digital", "unspecified"]
IncomeCategory = Literal["rent", "service_fees", "activity_fees", "merchants_share", "other"]
"""Income of a community's own; subsidies and what is given in kind stand beside it."""
Driver = Literal["creation_cost_fen", "floor_m2", "staff", "opening_hours", "service_uses"]
"""What drives the cost, or shows what is got for it: creation cost 创建投入, area, people, hours, uses in the year."""


@dataclass(kw_only=True, eq=False)
class StatementUnseen(Unseen):
    """No statement has been filed."""

    type = "operating-statement-unseen"
    title = "未找到年度运营收支"
    title_en = "No operating statement"
    detail = "社区 {code} 尚未填报 {year} 年度运营收支。请先填报。"
    detail_en = "The community {code} has filed no operating statement for {year}. File it first."

    code: str
    year: int
