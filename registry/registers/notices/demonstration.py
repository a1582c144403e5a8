"""Invented notices: those that invented records of other registers name as their basis."""

from __future__ import annotations

from collections.abc import Iterator

from registry.kit.demonstration import Demonstration, InventedWorld, Row


def notices(world: InventedWorld) -> Iterator[Row]:
    """The notice of a standard's withdrawal, and the document of a batch of brands."""
    del world
    yield {
        "notice_no": "演示公告2022年第1号",
        "notice_no_en": "Demonstration Announcement No. 1 of 2022",
        "title_zh": "关于废止一项演示标准的公告",
        "title_en": "Announcement of the withdrawal of a demonstration standard",
        "en_source": "platform",
        "authority_zh": "演示标准化委员会",
        "authority_en": "Demonstration Standardization Commission",
        "issued_on": "2022-12-01",
        "text_zh": "现决定自2023年1月1日起废止 T/DEMO 0003-2015。特此公告。（演示文本，并非真实公告）",
        "text_en": "T/DEMO 0003-2015 is withdrawn from 1 January 2023. (Demonstration text; no real notice.)",
        "demo": "true",
        "status": "issued",
    }


DEMONSTRATION = Demonstration(rows=notices, known_from="issued_on")
