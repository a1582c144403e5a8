"""Pages of statistics: each chart is an image with words, has its table and comes as a file; nothing needs style or script."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET

import pytest
from flask.testing import FlaskClient
from PIL import Image

from portal.web import charts
from portal.web.charts import PNG_WIDTH, Caption, elements, png_of
from registry.kit.display import Words
from registry.reference.code_lists import regions
from registry.reference.code_lists.province_tiles import province_tiles
from registry.registers import catalogue
from registry.services.statistics import ChartView, CountView

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = Words('<script>alert("1")</script>&', "a<b>&\"'\x01 " + "long " * 40)


def hostile_chart(kind: str) -> ChartView:
    counts = [CountView("<&", HOSTILE, 12_345, tone="live"), CountView("2024", HOSTILE, 0)]
    if kind == "map":
        counts = [CountView(tile.code, HOSTILE, place * 900) for place, tile in enumerate(province_tiles())]
    return ChartView("x", kind, "By status", tuple(counts), 12_345)  # type: ignore[arg-type]


@pytest.mark.once
@pytest.mark.parametrize("kind", ["map", "bars", "columns"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_text_of_a_drawing_is_escaped(kind: str, lang: str) -> None:
    on_page = charts.chart_on_page(hostile_chart(kind), lang, HOSTILE.zh)  # type: ignore[arg-type]
    caption = Caption(HOSTILE.zh, HOSTILE.en, "Pinzheng")
    for svg in (on_page, charts.chart_file(hostile_chart(kind), lang, caption)):  # type: ignore[arg-type]
        root = ET.fromstring(svg)
        tags = {each.tag.removeprefix(SVG) for each in root.iter()}
        assert tags <= {"svg", "title", "desc", "rect", "text"}
        assert not any(name in ("style", "onload") for each in root.iter() for name in each.attrib)


@pytest.mark.once
@pytest.mark.parametrize(
    ("largest", "bounds"),
    [
        (0, [1]),
        (1, [1]),
        (2, [1]),
        (5, [1, 2, 3]),
        (144, [1, 7, 20, 50, 100]),
        (52_300, [1, 2000, 7000, 20_000, 30_000]),
    ],
)
def test_washes_of_the_map_begin_at_round_numbers(largest: int, bounds: list[int]) -> None:
    assert elements.wash_bounds(largest) == bounds


@pytest.mark.once
@pytest.mark.parametrize(
    ("largest", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (5, [0, 1, 2, 3, 4, 5]),
        (6, [0, 2, 4, 6]),
        (234, [0, 50, 100, 150, 200, 250]),
    ],
)
def test_the_axis_has_round_numbers_up_to_the_largest(largest: int, marks: list[int]) -> None:
    assert elements.ticks(largest) == marks


@pytest.mark.once
@pytest.mark.parametrize(
    ("number", "en", "zh"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1,000", "1,000"),
        (9_999, "9,999", "9,999"),
        (10_000, "10k", "1万"),
        (12_345, "12k", "1.23万"),
        (318_204, "318k", "31.8万"),
        (2_000_000, "2m", "200万"),
    ],
)
def test_numbers_on_charts_are_short(number: int, en: str, zh: str) -> None:
    assert (elements.compact(number, "en"), elements.compact(number, "zh")) == (en, zh)


@pytest.mark.once
@pytest.mark.parametrize(
    ("first", "years"),
    [
        ((2025, 12), ["2026"]),
        ((2025, 11), ["2025", "2026"]),
        ((2026, 1), ["2026"]),
        ((2025, 2), ["2025", "2026"]),
    ],
)
def test_two_years_never_stand_side_by_side_under_the_months(
    first: tuple[int, int], years: list[str]
) -> None:
    months = [divmod(first[0] * 12 + first[1] - 1 + step, 12) for step in range(12)]
    counts = [
        CountView(f"{year}-{month + 1:02}", Words("", f"{month + 1}/{year}"), 1) for year, month in months
    ]
    chart = ChartView("x", "columns", "By month", tuple(counts), 12)
    drawn = ET.fromstring(charts.chart_on_page(chart, "zh", "x"))
    assert [each.text for each in drawn.iter(f"{SVG}text") if each.text in ("2025", "2026")] == years


@pytest.mark.once
def test_the_map_has_all_provinces_each_on_a_place_of_its_own() -> None:
    assert {tile.code for tile in province_tiles()} == {province.code for province in regions.provinces()}
    assert len({(tile.row, tile.column) for tile in province_tiles()}) == 34


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("slug", ["", *catalogue()])
def test_each_chart_of_a_page_is_an_image_with_its_table(client: FlaskClient, lang: str, slug: str) -> None:
    for query in ("", "?origin=demonstration"):
        response = client.get(f"/{lang}/statistics{'/' + slug if slug else ''}{query}")
        assert response.status_code == 200
        page = response.get_data(as_text=True)
        assert len(page.encode()) < 150_000
        assert " style=" not in page
        figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
        assert figures
        ids = set(re.findall(r' id="([^"]+)"', page))
        for figure in figures:
            [labelled] = re.findall(r'<svg[^>]* role="img"[^>]* aria-labelledby="([^"]+)"', figure)
            assert set(labelled.split()) <= ids
            assert "<table" in figure
            [address] = re.findall(r'href="([^"]+\.csv[^"]*)"', figure)
            assert client.get(address.replace("&amp;", "&")).status_code == 200
        [region] = [figure for figure in figures if 'id="region"' in figure]
        assert region.count('<th scope="row">') >= 34


@pytest.mark.parametrize(
    ("lang", "shown", "absent"), [("zh", ">浙</text>", ">ZJ</text>"), ("en", ">ZJ</text>", None)]
)
def test_the_map_names_provinces_as_readers_know_them(
    client: FlaskClient, lang: str, shown: str, absent: str | None
) -> None:
    page = client.get(f"/{lang}/statistics").get_data(as_text=True)
    assert shown in page
    assert absent is None or absent not in page


def test_a_chart_comes_as_csv_svg_and_png(client: FlaskClient) -> None:
    sheet = client.get("/zh/statistics/all/region.csv")
    rows = list(csv.reader(io.StringIO(sheet.get_data().decode("utf-8-sig"))))
    assert rows[0] == ["项目编号", "项目", "记录"]
    assert [row[0] for row in rows[1:35]] == [province.code for province in regions.provinces()]
    assert "attachment" in sheet.headers["Content-Disposition"]
    drawing = client.get("/en/statistics/all/region.svg")
    assert drawing.mimetype == "image/svg+xml"
    ET.fromstring(drawing.get_data())


@pytest.mark.parametrize(
    ("lang", "name"), [("zh", "region"), ("en", "region"), ("zh", "register"), ("en", "register")]
)
def test_a_chart_comes_as_a_picture(client: FlaskClient, lang: str, name: str) -> None:
    picture = client.get(f"/{lang}/statistics/all/{name}.png?origin=demonstration")
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    with Image.open(io.BytesIO(picture.get_data())) as drawn:
        assert drawn.width == PNG_WIDTH


@pytest.mark.once
@pytest.mark.parametrize("family", ["sans-serif", elements.FONTS])
def test_letters_are_drawn_without_a_font_of_the_server(family: str) -> None:
    """A font that lacks a character draws nothing or a box, the same for each."""
    drawn = {
        character: png_of(
            f"""<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-family="{family}">"""
            f"""<text x="4" y="32" font-size="28">{character}</text></svg>"""
        )
        for character in " A品证绿藏疆≥—€"
    }
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/en/statistics?at=2099-01-01", 400),
        ("/en/statistics?at=2024-02-30", 400),
        ("/en/statistics?at=x", 400),
        ("/en/statistics?at=2001-01-01", 200),
        ("/en/statistics?at=0001-01-01", 200),
        ("/zh/statistics/brands?at=0500-03-01", 200),
        ("/en/statistics/all/month.csv?at=0001-12-31", 404),
        ("/en/statistics?origin=nowhere", 200),
        ("/en/statistics/nothing", 404),
        ("/en/statistics/all/nothing.csv", 404),
        ("/en/statistics/all/region.pdf", 404),
        ("/en/statistics/all/region.csv?at=x", 404),
        ("/api/v1/statistics", 200),
        ("/api/v1/statistics?at=2001-01-01", 200),
        ("/api/v1/statistics?at=x", 400),
        ("/api/v1/statistics?origin=nowhere", 400),
        ("/api/v1/statistics?register=x", 400),
        ("/api/v1/statistics/nothing", 404),
    ],
)
def test_what_an_address_may_ask_for(client: FlaskClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_programs_read_the_numbers_of_the_page(client: FlaskClient) -> None:
    for slug in catalogue():
        answer = client.get(f"/api/v1/statistics/{slug}").get_json()
        assert answer["register"] == slug
        assert sum(each["count"] for each in answer["standings"]) == answer["total"]
        for chart in answer["charts"]:
            stated = sum(each["count"] for each in chart["values"])
            assert chart["overlaps"] or stated + chart["unknown"] == chart["total"]
            assert {"zh", "en"} == set(chart["title"])
        for share in answer["shares"]:
            assert share["part"] <= share["whole"]
            assert (share["percent"] is None) == (share["whole"] == 0)


def test_a_past_day_without_records_says_so_instead_of_charts_of_nothing(client: FlaskClient) -> None:
    page = client.get("/en/statistics/brands?at=2001-01-01").get_data(as_text=True)
    assert "No such record had been entered by the end of 1 January 2001" in page
    assert "<figure" not in page
    assert 'href="/en/statistics/brands"' in page
