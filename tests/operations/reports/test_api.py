"""The reports as their readers get them."""

from io import BytesIO

from pypdf import PdfReader

from tests.ground import ServiceClient
from tests.operations.acceptance.judged import ASSESSORS, opened, scored
from tests.operations.ground import RESIDENT, YUYAO_OFFICIAL


async def test_what_people_write_is_text_and_never_markup(api: ServiceClient) -> None:
    path = await opened(api)
    evil = {"scores": [{"item": "scene.health", "points": 1, "evidence": ["<script>alert(1)</script>"]}]}
    await api.post(f"{path}/scores", ASSESSORS[0], evil)
    page = (await api.get(f"{path}/report.html", YUYAO_OFFICIAL)).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_a_report_without_data_says_so_and_is_no_failure(api: ServiceClient) -> None:
    path = await opened(api)
    page = (await api.get(f"{path}/report.html", YUYAO_OFFICIAL)).text
    assert "资料不完整" in page
    assert (await api.get(f"{path}/report.pdf", YUYAO_OFFICIAL)).status_code == 200
    assert (await api.get(f"{path}/report.pdf", RESIDENT)).status_code == 403


async def test_the_pdf_says_in_chinese_what_the_page_says(api: ServiceClient) -> None:
    path = await opened(api)
    standing = await scored(api, path, 60, 60, 60)
    pdf = (await api.get(f"{path}/report.pdf", YUYAO_OFFICIAL)).content
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    for said in ("东江社区 未来社区自评报告", "整合提升", "符合验收条件", "384.0 ≥ 360", standing["digest"][:40]):
        assert said in text, text[:300]
