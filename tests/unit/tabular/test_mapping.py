"""Mappings: the form, its self-check, and the shipped mappings over their real files."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from registry.tabular.mapping import MappedRow, MappingError, SheetMapping, load_mapping
from registry.tabular.reading import open_sheet
from registry.tabular.rows import Row
from tests.shared_data import SHARED, needs_shared

REGISTERS = Path(__file__).parents[3] / "registry" / "registers"


def made(toml: str, folder: Path) -> SheetMapping:
    path = folder / "plan.toml"
    path.write_text(toml, encoding="utf-8")
    return load_mapping(path)


def applied(toml: str, folder: Path, **cells: object) -> MappedRow:
    return made(toml, folder).apply(Row(2, dict(cells)))  # type: ignore[arg-type]


def test_columns_constants_and_empty_words(tmp_path: Path) -> None:
    row = applied('empty=["-"]\n[columns]\na="x"\nb="y"\n[constants]\nc=3\n', tmp_path, x=" 同\n 仁 ", y="-")
    assert row.values == {"a": "同 仁", "c": 3}


@pytest.mark.parametrize(
    "rule, cell, value",
    [
        ('read="date"', "1903年", "1903"),
        ('read="date"', "19世纪末", "19世纪末"),
        ('read="date_mdy"', "12/04/2014", "2014-12-04"),
        ('read="date_mdy"', "13/45/2014", "13/45/2014"),
        ('read="date_dmy"', "12/04/2014", "2014-04-12"),
        ('read="number"', "1,234.50", 1234.5),
        ('read="number"', "-25", -25),
        ('read="number"', "nan", "nan"),
        ('read="number"', "about 5", "about 5"),
        ('read="standard_number"', "GMT 0054-2018", "GM/T 0054-2018"),
        ('read="standard_number"', "no number", "no number"),
        ('read="standard_kind"', "GB/T 35607-2024", "national_voluntary"),
        ('read="standard_kind"', "no number", None),
        ('read="name"', "石 花 Shi Hua", "石花 Shi Hua"),
        ('read="list"', "A, B", ["A, B"]),
        ('split="、"', "青红牌、 闽江牌、", ["青红牌", "闽江牌"]),
        ("pattern='^(?P<value>\\d{4})年$'\nread=\"number\"", "1903年", 1903),
        ("pattern='^(?P<value>\\d{4})年$'", "19世纪末", None),
        ('values={"现行"="in_force"}', "现行", "in_force"),
        ('values={"现行"="in_force"}', "作废", "作废"),
        ('values={"现行"="in_force"}\notherwise="unknown"', "作废", "unknown"),
        ('values={"现行"="in_force"}\notherwise="unknown"', "", None),
        ('replace={"&mdash;"="-"}\nwrap="<{value}>"', "1&mdash;2", "<1-2>"),
    ],
)
def test_steps(tmp_path: Path, rule: str, cell: str, value: object) -> None:
    assert applied(f'[fields.f]\ncolumn="x"\n{rule}\n', tmp_path, x=cell).values.get("f") == value


def test_cells_of_a_workbook_are_read_too(tmp_path: Path) -> None:
    toml = '[columns]\nyear="x"\n[fields.n]\ncolumn="x"\nread="number"\n'
    assert applied(toml, tmp_path, x=1903).values == {"year": "1903", "n": 1903}


def test_templates(tmp_path: Path) -> None:
    toml = '[fields.f]\ntemplate="Refrigerator {a} {b}"\n'
    assert applied(toml, tmp_path, a="GE", b="X*1/L").values == {"f": "Refrigerator GE X*1/L"}
    assert applied(toml, tmp_path, a="GE", b="").values == {"f": "Refrigerator GE"}
    assert applied(toml, tmp_path, a="", b=" ").values == {}


@pytest.mark.parametrize(
    "province, city, code",
    [
        ("湖北省", "武汉", "420100"),
        ("廣東", "", "440000"),
        ("北京", "北京市", "110000"),
        ("内蒙古", "", "150000"),
    ],
)
def test_regions(tmp_path: Path, province: str, city: str, code: str) -> None:
    toml = '[fields.r]\nregion={province="p", city="c"}\nwrap="at {value}"\n'
    assert applied(toml, tmp_path, p=province, c=city).values == {"r": f"at {code}"}


def test_an_unknown_region_is_an_issue(tmp_path: Path) -> None:
    row = applied('[fields.r]\nregion={province="p", city="c"}\n', tmp_path, p="亚特兰蒂斯", c="")
    assert row.values == {}
    assert row.issues == [("region_unknown", "r", {"value": "亚特兰蒂斯"})]
    assert applied('[fields.r]\nregion={province="p"}\n', tmp_path, p="").issues == []


def test_the_address_is_read_where_names_give_no_code(tmp_path: Path) -> None:
    toml = '[fields.r]\nregion={province="p", address="a"}\n'
    assert applied(toml, tmp_path, p="", a="浙江省杭州市余杭区文一西路969号").values["r"] == "330110"


@pytest.mark.parametrize(
    "test, cell, holds",
    [
        ('is="a"', "a", True),
        ('is="a"', "ab", False),
        ('in=["a","b"]', "b", True),
        ('starts="不通过"', "不通过(移出名录)", True),
        ("matches='\\d{4}'", "in 1903", True),
        ("matches='\\d{4}'", "long ago", False),
        ("empty=true", " ", True),
        ("empty=false", "", False),
    ],
)
def test_conditions(tmp_path: Path, test: str, cell: str, holds: bool) -> None:
    toml = f'[[fields.f]]\nwhen={{column="x", {test}}}\nconstant="yes"\n[[fields.f]]\nconstant="no"\n'
    assert applied(toml, tmp_path, x=cell).values["f"] == ("yes" if holds else "no")


def test_all_conditions_of_a_list_must_hold(tmp_path: Path) -> None:
    toml = '[[fields.f]]\nwhen=[{column="x", is="a"}, {column="y", is="b"}]\nconstant="yes"\n'
    assert applied(toml, tmp_path, x="a", y="b").values == {"f": "yes"}
    assert applied(toml, tmp_path, x="a", y="c").values == {}


def test_rows_of_a_list(tmp_path: Path) -> None:
    toml = """
    [columns]
    a = "x"
    [[rows.indicators]]
    skip_if_empty = "kWh"
    constants = { name_zh = "年耗电量" }
    texts = { method = "how" }
    numbers = { value = "kWh", limit = "most" }
    [[rows.indicators]]
    skip_if_empty = "ft3"
    numbers = { value = "ft3" }
    """
    row = applied(toml, tmp_path, x="", kWh="297", most="", how="measured", ft3="10.30")
    assert row.values == {
        "indicators": [{"name_zh": "年耗电量", "method": "measured", "value": 297}, {"value": 10.3}]
    }
    assert applied(toml, tmp_path, kWh="", ft3="").values == {}


def test_refusals(tmp_path: Path) -> None:
    toml = """
    columns = { a = "x" }
    [[refuse]]
    when = { column = "x", empty = true }
    code = "not_of_this_register"
    column = "x"
    params = { reason = "not {y}" }
    """
    assert applied(toml, tmp_path, x="", y="ours").issues == [
        ("not_of_this_register", "x", {"reason": "not ours"})
    ]
    assert applied(toml, tmp_path, x="1", y="ours").issues == []


def test_missing_columns_are_listed(tmp_path: Path) -> None:
    toml = """
    columns = { a = "x" }
    fields.b = { template = "{y} {z}", when = { column = "w", empty = true } }
    fields.c = { region = { province = "p" } }
    rows.d = [{ numbers = { value = "n" } }]
    refuse = [{ when = { column = "q", empty = true }, code = "c", params = { reason = "{o}" } }]
    """
    plan = made(toml, tmp_path)
    with pytest.raises(MappingError) as caught:
        plan.check_header(["x", "y"])
    assert re.findall(r"'(\w)'", str(caught.value)) == ["w", "z", "p", "n", "q", "o"]
    plan.check_header(["x", "y", "z", "w", "p", "n", "q", "o", "more"])


@pytest.mark.parametrize(
    "toml, problem",
    [
        ("", "fills no field"),
        ("a = ", "not TOML"),
        ('columns={a="x"}\ncolums={}', "unknown key 'colums'"),
        ('columns={a="x"}\nempty="-"', "`empty`"),
        ('columns={a="x"}\nconstants={a=1}', "field a is given twice"),
        ('columns={a="x"}\nrows.a=[{numbers={v="y"}}]', "field a is given twice"),
        ("columns={a=1}", "`column` is a text"),
        ("columns=[1]", "`columns` is a table"),
        ('fields.a="x"', "a table is required"),
        ('fields.a={colum="x"}', "unknown key 'colum'"),
        ('fields.a={column="x", constant=1}', "exactly one of"),
        ('fields.a={constant=1, read="number"}', "a constant takes no read"),
        ('fields.a={column="x", read="money"}', "`read` is one of"),
        ('fields.a={column="x", read=1}', "`read` is a text"),
        ('fields.a={column="x", split="|", read="list"}', "exclude each other"),
        ('fields.a={column="x", pattern="("}', "no regular expression"),
        ('fields.a={column="x", pattern="x"}', "no group (?P<value>"),
        ('fields.a={column="x", values="y"}', "`values` is a table"),
        ('fields.a={column="x", replace={y=1}}', "texts in place of texts"),
        ('fields.a={column="x", otherwise="y"}', "belongs to `values`"),
        ('fields.a={column="x", wrap="y"}', "has no {value}"),
        ('fields.a={region="x"}', "`region` is a table of columns"),
        ('fields.a={region={town="x"}}', "unknown key 'town'"),
        ('fields.a={column="x", when={is="a"}}', "names a `column`"),
        ('fields.a={column="x", when={column="y"}}', "exactly one of is"),
        ('fields.a={column="x", when={column="y", in="a"}}', "`in` takes a list"),
        ('fields.a={column="x", when={column="y", matches="("}}', "no regular expression"),
        ('columns={b="x"}\nrows.a=[{number={v="y"}}]', "unknown key 'number'"),
        ('columns={b="x"}\nrows.a=[{numbers={v=1}}]', "`numbers` is a table of names and columns"),
        ('columns={b="x"}\nrows.a=[{skip_if_empty=1}]', "`skip_if_empty` is a column"),
        ('columns={b="x"}\nrefuse={}', "written [[refuse]]"),
        ('columns={b="x"}\nrefuse=[{code="c"}]', "`when` and `code` are needed"),
        ('columns={b="x"}\nrefuse=[1]', "written [[refuse]]"),
        ('columns={b="x"}\nrefuse=[{code="c", when={column="x", empty=true}, params={r=1}}]', "`params`"),
    ],
)
def test_contradictions_are_reported(tmp_path: Path, toml: str, problem: str) -> None:
    with pytest.raises(MappingError, match=re.escape(problem)):
        made(toml, tmp_path)


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"field a.*field b") as caught:
        made('fields.a={column=1}\nfields.b={pattern="x"}', tmp_path)
    assert str(caught.value).startswith("plan.toml: ")


def test_a_missing_mapping(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize("path", sorted(REGISTERS.glob("*/mappings/*.toml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_valid(path: Path) -> None:
    assert load_mapping(path).problems() == []
    assert load_mapping(path).source["about"].strip()


# --- over the real files ----------------------------------------------------------------------------------


def mapped(name: str) -> list[MappedRow]:
    (plan,) = REGISTERS.glob(f"*/mappings/{name}.toml")
    (data,) = SHARED.glob(f"data/*/{name}.csv")
    mapping, sheet = load_mapping(plan), open_sheet(data)
    mapping.check_header(sheet.header)
    return [mapping.apply(row) for row in sheet]


@needs_shared
def test_brand_notices() -> None:
    rows = mapped("laozihao_notices")
    assert len(rows) == 177
    refused = [row for row in rows if row.issues]
    assert len(refused) == 20
    assert {row.issues[0][0] for row in refused} == {"not_of_this_register"}
    accepted = [row.values for row in rows if not row.issues]
    assert Counter(row["status"] for row in accepted) == {
        "listed": 86,
        "publicity": 46,
        "rectifying": 1,
        "removed": 24,
    }
    schemes = {str(row["scheme"]).split(":")[0] for row in accepted}
    assert schemes == {"national", "provincial", "city"}
    assert {row["scheme"] for row in accepted if str(row["scheme"]).startswith("city")} == {"city:320600"}
    assert all("region_code" in row for row in accepted)
    assert all("brand_name_zh" in row or "holder_name_zh" in row for row in accepted)
    names = {row.get("brand_name_zh") for row in accepted}
    assert {"石花", "黄鹤", "青红牌、闽江牌", "青芝田(正记)", "TP", "儲氏鐵畫"} <= names
    assert {row["status"] for row in accepted if "recognised_on" in row} == {"listed"}
    assert sum("recognised_on" in row for row in accepted) < sum(
        row["status"] == "listed" for row in accepted
    )
    years = {row["founded_raw"]: row.get("founded_year") for row in accepted if "founded_raw" in row}
    assert years["1851年"] == 1851
    assert years["19世纪末"] is None
    assert years["清·嘉慶年間"] is None
    assert all(re.fullmatch(r"https?://\S+", str(row["source_url"])) for row in accepted)
    assert any("wap.gamersky.com" in str(row.get("source_note")) for row in accepted)


@needs_shared
def test_listed_companies() -> None:
    rows = mapped("listed_companies")
    assert len(rows) == 485
    assert not [row for row in rows if row.issues]
    for row in rows:
        assert re.fullmatch(r"\d{6}", str(row.values["region_code"]))
        assert re.fullmatch(r"[A-T]\d{0,4}", str(row.values["industry_code"]))
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(row.values["founded_on"]))
    assert rows[0].values["uscc"] == "91440300192181490G"
    assert rows[0].values["region_code"] == "440300"


@needs_shared
def test_building_standards() -> None:
    rows = {str(row.values["number"]): row.values for row in mapped("standards_arch_gb")}
    assert len(rows) == 83
    assert {row["status"] for row in rows.values()} == {"in_force"}
    assert not [
        row for row in rows.values() if "replaces" in row
    ]  # clauses repealed are no standard replaced
    assert rows["GB 55008-2021"]["remarks"] == "废止 GB 50010-2010 等 36 项标准相关强条"
    assert "in_force_on" not in rows["GB 55033-2022"]
    assert "GB 50016-2014(2018年版)" in rows


def test_a_remark_that_names_one_replaced_standard(tmp_path: Path) -> None:
    plan = load_mapping(REGISTERS / "standards" / "mappings" / "standards_arch_gb.toml")

    def replaces(remark: str) -> object:
        return plan.apply(Row(2, {"备注": remark})).values.get("replaces")

    assert replaces("代替GB/T 50378-2014") == "GB/T 50378-2014"
    assert replaces("住建部公告；替代 GB50016-2006") == "GB 50016-2006"
    assert replaces("代替 GB 50096-1999、GB 50368-2005") is None
    assert replaces("已被代替 GB 50096-1999") is None
    assert replaces("废止 GB 50153-2008 等 8 项标准相关强条") is None


@needs_shared
def test_local_standards() -> None:
    rows = {str(row.values["number"]): row.values for row in mapped("standards_shanghai_local")}
    assert len(rows) == 60
    assert {row["kind"] for row in rows.values()} == {"local"}
    assert rows["DG/TJ08-19-2018"]["in_force_on"] == "2019-05-01"
    assert not [row for row in rows.values() if "status" in row]


@needs_shared
def test_standards_from_file_names() -> None:
    rows = {str(row.values["number"]): row.values for row in mapped("standards_gmt_filenames")}
    assert len(rows) == 93
    assert all(re.match(r"GM/[TYZ] \d", number) for number in rows)
    assert rows["GM/Z 4001-2013"]["title_zh"] == "密码术语"
    assert rows["GM/T 0055-2018"]["title_zh"] == "电子文件密码应用技术规范"
    assert Counter(row["status"] for row in rows.values()) == {"upcoming": 26, "in_force": 67}


@needs_shared
def test_refrigerators() -> None:
    rows = [row.values for row in mapped("energystar_refrigerators")]
    assert len(rows) == len({row["cert_no"] for row in rows}) == 2962
    first = rows[0]
    assert first["product_name_en"] == "Refrigerator Absocold ARD1033F*14R/L"
    assert first["product_name_zh"] == "电冰箱 Absocold ARD1033F*14R/L"
    assert first["models"] == ["ARD1033F*14R/L"]
    assert first["issued_on"] == "2014-12-04"
    assert first["body_approval_no"] == "F-US-EPA"
    assert "valid_to" not in first
    energy = first["indicators"][0]  # type: ignore[index]
    assert (energy["value"], energy["limit"], energy["unit"]) == (297, 331, "kWh/yr")
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(row["issued_on"])) for row in rows)
    for row in rows:
        for indicator in row["indicators"]:  # type: ignore[attr-defined]
            assert isinstance(indicator["value"], int | float)
