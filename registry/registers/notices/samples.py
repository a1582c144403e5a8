"""Invented notices that exercise every field and state."""

from __future__ import annotations

SAMPLES = (
    {
        "notice_no": "演示公告2026年第1号",
        "notice_no_en": "Demonstration Announcement No. 1 of 2026",
        "title_zh": "关于公布绿色产品认证检查结果的公告（演示）",
        "title_en": "Announcement of the results of checks of green-product certificates (demo)",
        "en_source": "official",
        "authority_zh": "演示市场监督管理局",
        "authority_en": "Demonstration Administration for Market Regulation",
        "issued_on": "2026-03-02",
        "region_code": "330000",
        "text_zh": "经检查，现将有关结果予以公告。\n一、检查合格的证书继续有效。\n二、检查不合格的证书按规定处理。（演示文本，并非真实公告）",
        "text_en": "The results of the checks are announced as follows.\n1. Certificates that passed remain valid.\n2. Those that did not are dealt with as laid down. (Demonstration text; no real notice.)",
        "files": [{"name": "gonggao-2026-1.pdf", "sha256": "0" * 64}],
        "demo": "true",
        "status": "issued",
    },
    {
        "notice_no": "演示规发〔2022〕3号",
        "title_zh": "关于老字号复核工作的通知（演示）",
        "authority_zh": "演示商务厅",
        "issued_on": "2022-05-06",
        "text_zh": "现就复核工作通知如下。（演示文本，并非真实通知）",
        "repealed_on": "2025-01-01",
        "repealed_by": "演示规发〔2024〕8号",
        "demo": "true",
        "status": "repealed",
    },
)
