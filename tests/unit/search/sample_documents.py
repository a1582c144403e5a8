"""A small set of documents to search in: one of each kind, invented, with the faults of real ones."""

from __future__ import annotations

from typing import Any

from registry.search.analysis.document import SearchDocument
from registry.search.port import Query, SearchPort, SearchResult


def record(record_id: int, name: str = "", **more: Any) -> SearchDocument:
    """A document with defaults; `name` is its first name."""
    names = (name, *more.pop("names", ())) if name else more.pop("names", ())
    given: dict[str, Any] = {
        "register": "brands",
        "number": f"TH-2026-{record_id:06d}-X",
        "status": "in_force",
        "standing": "in_force",
        "index_version": 1,
        "title_sort_zh": name,
        "title_sort_en": name.lower(),
        **more,
    }
    given["codes"] = (given["number"], *given.get("codes", ()))
    return SearchDocument(id=record_id, names=names, **given)


def place(code: str, *ancestors: str, year: str = "", **more: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    facets = {"region": (*ancestors, code), **more}
    return {**facets, "year": (year,)} if year else facets


HANGZHOU = {"facets": place("330100", "330000", year="2006"), "words": ("浙江省 杭州市", "Zhejiang Hangzhou")}
BEIJING = {"facets": place("110000", year="2006"), "words": ("北京市", "Beijing", "中药", "老字号")}
REMOVED = {"status": "removed", "standing": "ended"}

TONGRENTANG, QUANJUDE, PIANYIFANG, ZHANG_HANGZHOU, ZHANG_SHANGHAI, RENAMED = 1, 2, 3, 4, 5, 6
STANDARD, OLD_STANDARD, GRADING, CERTIFICATE, LAMP, FIRM, TEA, WARDROBE = 11, 12, 13, 21, 22, 31, 7, 23

DOCUMENTS = (
    record(
        TONGRENTANG,
        "同仁堂",
        names=("TONGRENTANG", "同仁堂药铺"),
        parties=("中国北京同仁堂（集团）有限责任公司",),
        date=20061107,
        title_sort_zh="tong ren tang",
        title_sort_en="tongrentang",
        **BEIJING,
    ),
    record(
        QUANJUDE,
        "全聚德",
        parties=("中国全聚德（集团）股份有限公司",),
        subjects=("餐饮", "烤鸭"),
        date=20061108,
        title_sort_zh="quan ju de",
        title_sort_en="quanjude",
        facets=place("110000", year="2006"),
        words=("北京市", "Beijing", "挂炉烤鸭"),
    ),
    record(
        PIANYIFANG,
        "便宜坊",
        date=20230101,
        title_sort_zh="bian yi fang",
        title_sort_en="bianyifang",
        subjects=("餐饮", "焖炉烤鸭"),
        facets=place("110000", year="2023"),
        words=("北京市", "Beijing", "焖炉烤鸭"),
    ),
    record(
        ZHANG_HANGZHOU,
        "张小泉",
        parties=("杭州张小泉集团有限公司",),
        subjects=("剪刀",),
        date=20061107,
        **HANGZHOU,
    ),
    record(
        ZHANG_SHANGHAI,
        "张小泉",
        date=20061107,
        facets=place("310000", year="2006"),
        words=("上海市 Shanghai 剪刀",),
        subjects=("剪刀", "餐饮"),
        **REMOVED,
    ),
    record(
        RENAMED,
        "松涛阁",
        names=("演示·旧松涛", "Pine Pavilion"),
        facets=place("330100", "330000", year="2011"),
        words=("浙江省 杭州市", "移出名录", "removed"),
        **REMOVED,
    ),
    record(
        TEA,
        "清明轩",
        facets=place("330100", "330000", year="2011"),
        words=("龙井茶叶", "浙江省 Zhejiang 杭州市"),
    ),
    record(
        STANDARD,
        "绿色产品评价 家具",
        names=("Green product assessment — Furniture",),
        register="standards",
        number="ST-2026-000011-X",
        codes=("GB/T 35607-2024",),
        date=20240815,
        facets={"year": ("2024",)},
    ),
    record(
        OLD_STANDARD,
        "绿色产品评价 家具",
        register="standards",
        number="ST-2026-000012-X",
        codes=("GB/T 35607-2017",),
        status="superseded",
        standing="ended",
        date=20171208,
        facets={"year": ("2017",)},
    ),
    record(
        GRADING,
        "产品质量分级导则",
        register="standards",
        number="ST-2026-000013-X",
        codes=("T/ZLFJ 001-2025",),
        rank=0,
        facets={"year": ("2025",)},
    ),
    record(
        CERTIFICATE,
        "实木餐桌",
        register="green-products",
        number="GP-2026-000021-X",
        codes=("DEMO-CGP-2025-000124",),
        parties=("杭州青屿家具有限公司（演示）", "Hangzhou Qingyu Furniture Co., Ltd."),
        mentions=("GB/T 35607-2024", "91330100MAWY010175", "QY-674"),
        words=("家具", "浙江省 杭州市"),
        rank=1,
        facets=place("330100", "330000", year="2025", category=("furniture",)),
    ),
    record(
        LAMP,
        "LED lamp, colour 4000K",
        register="green-products",
        number="GP-2026-000022-X",
        codes=("DEMO-CGP-2025-000777",),
        status="suspended",
        standing="restricted",
        rank=3,
        facets={"year": ("2025",), "category": ("lighting", "electrical")},
    ),
    record(
        WARDROBE,
        "实木衣柜",
        register="green-products",
        number="GP-2026-000023-X",
        parties=("杭州青屿家具有限公司（演示）",),
        words=("家具",),
        full_text="门板用鸡翅木，衣柜不得开裂。\fHinges are galvanised; the colour is fast. 镰刀 GB/T 35607-2024",
        rank=2,
        facets=place("330100", "330000", year="2024", category=("furniture",)),
    ),
    record(
        FIRM,
        "杭州青屿家具有限公司（演示）",
        names=("Hangzhou Qingyu Furniture Co., Ltd.",),
        register="organisations",
        number="ORG-2026-000031-X",
        codes=("91330100MAWY010175",),
        facets=place("330100", "330000"),
        words=("浙江省 杭州市",),
    ),
)


def search(engine: SearchPort, text: str, **more: Any) -> SearchResult:
    return engine.find(Query(text, **more))


def ids(engine: SearchPort, text: str, **more: Any) -> list[int]:
    return search(engine, text, **more).ids
