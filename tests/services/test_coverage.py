"""What is covered: the sources of every register with their records, numbers in reality, gaps with the list behind each."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.kit.coverage import read_coverage
from registry.reference.code_lists import platforms
from registry.reference.identifiers import number_families
from registry.reference.text import sparse_dates
from registry.registers import catalogue, demonstration_of
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.finding import find_records, list_coverage, parse_request, search_scope
from registry.services.operations import relay
from registry.services.records import quality
from registry.services.records.quality import list_quality_gaps

NOTICES = "Notices of commerce authorities and news of them"
BRANDS = f"""\
brand_name_zh,scheme,holder_name_zh,region_code,recognised_on,status,source,source_date,demo
甲号,national,甲有限公司,110000,2006年,listed,{NOTICES},2024-02,
乙号,national,乙有限公司,110000,2006年,removed,{NOTICES},2023-11,
丙号,provincial:330000,丙有限公司,330000,2010-10-13,listed,Another notice,2010-10-13,
丁号,national,丁有限公司（演示）,110000,2006年,listed,演示来源,2024-02,true
"""


@pytest.fixture
def filled(registry: Registry, tmp_path: Path) -> Registry:
    sheet = tmp_path / "brands.csv"
    sheet.write_text(BRANDS, "utf-8")
    assert import_files(registry, REGISTRAR, "brands", [sheet]).refused == 0
    relay.run_relay_once(registry)
    return registry


def listed(registry: Registry, slug: str, query: str) -> int:
    """How many records the list behind a figure has."""
    return find_records(registry, ANONYMOUS, parse_request(search_scope(slug), parse_qsl(query)), "en").total


def test_every_figure_is_that_of_the_list_behind_it(filled: Registry) -> None:
    brands = next(each for each in list_coverage(filled, ANONYMOUS, "en") if each.register.slug == "brands")
    assert [(source.name, source.records) for source in brands.sources] == [
        (NOTICES, 2),
        ("Another notice", 1),
    ]
    assert brands.sources[0].as_of == "April 2024"
    assert brands.sources[1].authority.zh == ""
    for source in brands.sources:
        assert listed(filled, "brands", source.query) == source.records
    [national] = brands.numbers
    assert (national.number, national.records) == (1455, 2)
    assert (brands.invented, listed(filled, "brands", brands.invented_query)) == (1, 1)
    gaps = [gap for gap in list_quality_gaps(filled, ANONYMOUS, "en") if gap.register.slug == "brands"]
    assert gaps
    for gap in gaps:
        assert gap.count >= quality.LEAST_RECORDS
        assert listed(filled, "brands", f"ended=1&gap={gap.filter}") == gap.count


@pytest.mark.once
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_gap_shows_a_placeholder(lang: str) -> None:
    for definition in catalogue().values():
        for code in (*definition.messages, "not_stated", "limit_not_met", "unit_missing"):
            words = quality.gap_words(definition, f"indicators.{code}")
            text = words.zh if lang == "zh" else words.en
            assert "%(" not in text
            assert ", ," not in text


@pytest.mark.once
def test_what_the_folders_of_registers_say_is_complete() -> None:
    for definition in catalogue().values():
        covered = definition.coverage
        names = [source.name for source in covered.sources]
        assert len(names) == len(set(names))
        if demonstration_of(definition).sheets:
            assert names, definition.slug  # what is real names its source
        for source in covered.sources:
            assert all((*source.authority[:2], *source.covers[:2], *source.next_update[:2]))
            assert not source.as_of or sparse_dates.parse(source.as_of) == source.as_of
        for number in covered.numbers:
            assert number.number > 0
            assert sparse_dates.parse(number.as_of) == number.as_of
            assert all(number.source[:2])
            assert set(number.filters) <= search_scope(definition.slug).filters
        for gap in covered.not_covered:
            assert not gap.platform or platforms.platform(gap.platform).address


@pytest.mark.once
def test_a_file_that_lacks_something_or_has_an_unknown_table_is_refused(tmp_path: Path) -> None:
    for place, text in enumerate(
        ('[[source]]\nname = "A"\n', "[[sources]]\n", '[[number]]\nwhat_zh = "甲"\n')
    ):
        folder = tmp_path / str(place)
        folder.mkdir()
        (folder / "coverage.toml").write_text(text, "utf-8")
        with pytest.raises((KeyError, ValueError)):
            read_coverage(folder)
    assert read_coverage(tmp_path).sources == ()


@pytest.mark.once
def test_every_platform_is_whole_and_named_once() -> None:
    addresses = [platforms.platform(each.code).address for each in platforms.listed_platforms()]
    assert len(addresses) == len(set(addresses))
    for each in platforms.listed_platforms():
        assert all(each[:8])
    for family in (*number_families.FAMILIES, *number_families.KEPT_IN_PART):
        assert not family.platform or family.look_up.startswith(("http://", "https://"))
