"""The embedded engine and the one over PostgreSQL give the same records, order, counts and stages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from registry.search.analysis.synonyms import SynonymEntry, built_in
from registry.search.embedded.engine import open_engine
from registry.search.port import Query, SearchPort
from tests.bench.search.hostile import HOSTILE
from tests.unit.search.sample_documents import DOCUMENTS

pytestmark = pytest.mark.postgresql
FACETS = ("register", "status", "region", "year", "category")
TEXTS = (
    "", "同仁堂", "tongrentang", "trt", "同", "GB/T 35607-2024", "gbt35607", "35607", "DEMO-CGP-2025-000124", "0001",
    "91330100MAWY010175", "张小泉", "杭州", "杭州市 家具", "北京 烤鸭", '"绿色产品"', "家具 -衣柜", "-家具", "color lamp",
    "furniture", "furnitur assesment", "全聚得", "铜仁堂", "青屿家俱", "removed 松涛阁", "移出名录", "Pine Pavilion",
    "furniture assessment 杭州 中药", "zzzz", "青屿 zzzz", "清明", "qing ming xuan", "xuan ming", "tong ren tang", "ren tong tang", "tong ren tan",
    "鸡翅木", "衣柜 鸡翅木", "galvanized hinge", "家具 -鸡翅木", '"不得开裂"', "镰刀", "鸡翅木 zzzz", "galvanised hinegs", "青家", "杭青",
)  # fmt: skip
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"filters": {"register": ("green-products",)}},
    {"filters": {"region": ("330100", "110000"), "year": ("2025", "2006")}},
    {"filters": {"status": ("removed",)}},
    {"since": 20060101, "until": 20239999},
    {"include_ended": True, "sort": "name"},
    {"include_ended": True, "sort": "-date", "lang": "en"},
    {"include_ended": True, "sort": "date", "offset": 2, "limit": 3},
    {"sort": "rank", "filters": {"register": ("green-products",)}},
)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchPort]:
    engine = open_engine(tmp_path_factory.mktemp("embedded") / "index")
    engine.rebuild(DOCUMENTS)
    yield engine
    engine.close()


@pytest.mark.parametrize("text", TEXTS)
def test_both_find_the_same_in_the_same_order(
    sample_engine: SearchPort, embedded: SearchPort, text: str
) -> None:
    assert sample_engine.count_name_matches(text) == embedded.count_name_matches(text)
    for more in FILTERS:
        query = Query(text, facets=FACETS, **more)
        one, other = embedded.find(query), sample_engine.find(query)
        assert (other.ids, other.total, other.ended_hidden) == (one.ids, one.total, one.ended_hidden), more
        assert (other.stage, other.synonyms) == (one.stage, one.synonyms), more
        assert {name: dict(counts) for name, counts in other.facets.items()} == {
            name: dict(counts) for name, counts in one.facets.items()
        }, more
        ids = [document.id for document in DOCUMENTS]
        for some in (ids, ids[::2], []):
            assert sorted(sample_engine.filter_matching(query, some)) == sorted(
                embedded.filter_matching(query, some)
            ), more
        assert sample_engine.ids_after(query, 3) == embedded.ids_after(query, 3)


@pytest.mark.parametrize(
    "typed", [*TEXTS, "tongr", "gbt356", "led l", "qingyu furniture", "furniture co", "G"]
)
def test_both_suggest_the_same(sample_engine: SearchPort, embedded: SearchPort, typed: str) -> None:
    for lang in ("zh", "en"):
        assert sample_engine.suggest(typed, lang, 8) == embedded.suggest(typed, lang, 8)


@pytest.mark.parametrize("kind", HOSTILE)
def test_neither_fails_on_hostile_queries(sample_engine: SearchPort, embedded: SearchPort, kind: str) -> None:
    query = Query(HOSTILE[kind][:500], facets=FACETS)
    assert set(sample_engine.find(query).ids) == set(embedded.find(query).ids)
    assert sample_engine.suggest(HOSTILE[kind], "zh", 8) == embedded.suggest(HOSTILE[kind], "zh", 8)


def test_both_use_added_synonyms_alike(sample_engine: SearchPort, embedded: SearchPort) -> None:
    more = built_in().extended([SynonymEntry(("wardropia",), ("衣柜",), same_language=True)])
    for synonyms, text in itertools.product((None, more), ("wardropia", "衣柜")):
        query = Query(text, synonyms=synonyms)
        assert sample_engine.find(query) == embedded.find(query)
