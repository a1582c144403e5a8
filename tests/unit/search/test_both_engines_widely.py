"""Both engines answer alike, whatever is asked: compounds, questions, places, eras, words near in meaning, random words.

The records are goods and firms as the registers hold them, some ended, some with a full text; all are invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from registry.search.analysis.document import DEMO_FACET, DEMO_VALUE
from registry.search.embedded.engine import open_engine
from registry.search.port import NearText, Query, SearchPort
from registry.search.postgresql.engine import PostgresEngine
from tests.databases import Template
from tests.unit.search.sample_documents import place, record

pytestmark = pytest.mark.postgresql
FACETS = ("register", "status", "region", "year", DEMO_FACET)
GOODS = (
    ("檀香扇", "Sandalwood fan", "330100", "330000"),
    ("丝绸面料", "Silk fabric", "330500", "330000"),
    ("紫砂壶", "Purple clay teapot", "320200", "320000"),
    ("家用电冰箱", "Household refrigerator", "340100", "340000"),
    ("滚筒洗衣机", "Front-loading washing machine", "370200", "370000"),
    ("陈醋", "Mature vinegar", "140100", "140000"),
    ("酱油", "Soy sauce", "440100", "440000"),
    ("龙井茶叶", "Longjing tea", "330100", "330000"),
    ("竹编篮子", "Woven bamboo basket", "510100", "510000"),
    ("儿童自行车", "Children's bicycle", "120000", ""),
    ("节能灯", "Energy-saving lamp", "440300", "440000"),
    ("中药饮片", "Prepared slices of Chinese medicine", "110000", ""),
)
ENDED = {3, 9}
TEXTS = (
    "sandalwood fan", "sandalwood fans", "fan of sandalwood", "silk", "silk fabrics from Zhejiang", "teapots", "fridge",
    "refrigerators", "washing machine Qingdao", "bicycles for children", "kids bike", "soya sauce", "vinegar", "bamboo basket",
    "energy saving lamps", "energy-saving", "traditional medicine", "冰箱", "电冰箱", "洗衣机", "自行车", "单车", "脚踏车",
    "酱油 广州", "广州的酱油", "豉油", "老陈醋", "茶", "扇子", "灯泡", "雪柜", "哪些企业生产丝绸", "杭州有哪些老字号", "想买檀香扇",
    "那家做紫砂壶的还在吗", "who makes silk fans", "where can I find a teapot", "suppliers of soy sauce in Canton",
    "which firms in Hangzhou make tea", "拉萨 酱油", "soy sauce in Lhasa", "乌鲁木齐的茶叶", "tea from Tibet", "清朝的老字号",
    "founded before 1900", "百年老店 醋", "已撤销的紫砂壶", "revoked teapots", "still in force silk", "去年认定的茶叶", "2024年的灯",
    "tanxiangshan", "tan xiang shan", "bingxiang", "zhongyao", "檀香山", "紫沙壶", "sandelwood", "鸡翅木", "galvanised hinges",
    "扇骨 檀香", "家具 酱油", "酱油 -广州", "茶 -龙井", '"soy sauce"', '"龙井茶"', "zzzz", "丝绸 zzzz", "the", "的", "  ", "?!",
    "🏮 酱油", "㐀", "ⅳ", "ﬁre lamp", "Ⓐ茶", "GB/T 35607", "35607 茶", "TH-2026-000101-X",
)  # fmt: skip
NEAR = (
    NearText("扇子", 0.9),
    NearText("檀香扇", 0.7),
    NearText("紫砂壶", 0.7),
    NearText("紫砂壶（旧）", 0.6),
)
PLAIN_WORDS = [
    "哪些",
    "企业",
    "生产",
    "who",
    "makes",
    "the",
    "in",
    "of",
    "的",
    "有",
    "还在吗",
    "2024年",
    "杭州",
    "浙江",
    "Guangdong",
    "已撤销",
    "revoked",
    "老字号",
    "zzzz",
    "-茶",
]
RANDOM_TEXTS = 120


CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"lang": "en"},
    {"include_ended": True},
    {"near": NEAR},
    {"filters": {"region": ("330000",)}},
    {"filters": {"region": ("330000", "110000")}, "near_within": True},
    {"filters": {"year": ("..2021", "2024")}, "near_within": True, "near": NEAR},
    {"filters": {"year": ("2021..2023",), "register": ("brands",)}},
)


def _documents() -> Iterator[object]:
    for number, (chinese, english, region, province) in enumerate(GOODS):
        ended = number in ENDED
        yield record(
            101 + number,
            chinese,
            names=(english,),
            parties=(f"演示{chinese[:2]}有限公司", f"{english.split()[0]} Works Ltd."),
            mentions=(f"GB/T {35600 + number}-2024",),
            words=("绿色产品", "Green products", f"{region} 老字号" if number % 3 else "老字号"),
            full_text="扇骨用鸡翅木；铰链镀锌。\fGalvanised hinges, silk cords." if number % 4 == 0 else "",
            subjects=(chinese, english.lower(), "紫砂壶（旧）") if number % 2 == 0 else (chinese,),
            status="revoked" if ended else "in_force",
            standing="ended" if ended else "in_force",
            register=("brands", "green-products", "declarations")[number % 3],
            date=20200101 + 10_000 * (number % 5),
            rank=number % 4,
            facets=place(region, *([province] if province else []), year=str(2020 + number % 5))
            | ({DEMO_FACET: (DEMO_VALUE,)} if number % 5 == 0 else {}),
        )


@pytest.fixture(scope="module")
def engines(
    tmp_path_factory: pytest.TempPathFactory, template: Template
) -> Iterator[tuple[SearchPort, SearchPort]]:
    """The embedded engine and that over PostgreSQL with the same records, some written after the first build.

    None is written twice: until segments are merged the embedded engine counts older documents in how rare a word is.
    """
    folder = tmp_path_factory.mktemp("widely")
    documents = list(_documents())
    with template.copy(folder) as settings:
        both = (open_engine(folder / "index"), PostgresEngine(settings.database_url, 8))
        for engine in both:
            engine.rebuild(documents[:8])
            engine.write(documents[8:], [])
        yield both
        both[0].close()


def random_texts() -> Iterator[str]:
    """Yield texts of words from the records, of their characters, and of words that carry no meaning."""
    chance = random.Random(16)
    words = [
        word
        for chinese, english, *_place in GOODS
        for word in (chinese, chinese[:2], chinese[-2:], *english.split())
    ]
    for _each in range(RANDOM_TEXTS):
        chosen = chance.choices(words + PLAIN_WORDS, k=chance.randint(1, 5))
        yield chance.choice((" ", " ", "")).join(chosen)


def differences(engines: tuple[SearchPort, SearchPort], query: Query) -> list[str]:
    """Return what the two say differently, of everything that a page shows."""
    one, other = (engine.find(query) for engine in engines)
    names = ("ids", "total", "ended_hidden", "stage", "synonyms", "highlights", "demo_total", "near_texts")
    found = [
        f"{query.text!r} {name}: {getattr(one, name)} {getattr(other, name)}"
        for name in names
        if getattr(one, name) != getattr(other, name)
    ]
    facets = [{name: dict(counts) for name, counts in each.facets.items()} for each in (one, other)]
    return found + ([f"{query.text!r} facets: {facets}"] if facets[0] != facets[1] else [])


@pytest.mark.parametrize("text", TEXTS)
def test_both_say_the_same_of_every_kind_of_text(engines: tuple[SearchPort, SearchPort], text: str) -> None:
    for more in CONDITIONS:
        assert differences(engines, Query(text, facets=FACETS, **more)) == [], more
    everything = range(100, 120)
    one, other = (sorted(engine.filter_matching(Query(text), everything)) for engine in engines)
    assert one == other
    assert engines[0].count_name_matches(text) == engines[1].count_name_matches(text)
    assert engines[0].suggest(text, "zh", 8) == engines[1].suggest(text, "zh", 8)


def test_both_say_the_same_of_random_texts(engines: tuple[SearchPort, SearchPort]) -> None:
    found = [
        each for text in random_texts() for each in differences(engines, Query(text, facets=FACETS, limit=10))
    ]
    assert found == []
