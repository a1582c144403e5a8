"""Finds the GB/T 2260 codes of regions by their names, as sources write them.

Sources mix 广东省 and 广东, 武汉 and 武汉市, Traditional and Simplified characters, a municipality as province and as
city, a county-level city or a district in the city's column, or write one address. A name that fits two regions in
force gives no code: a wrong region is worse than none.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from registry.reference.code_lists import tables
from registry.reference.code_lists.region_list import NATIONAL, Region, all_regions, ancestors

ETHNIC_GROUPS = (
    "蒙古族|蒙古|回族|满族|藏族|苗族|彝族|壮族|布依族|朝鲜族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|黎族"
    "|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯"
    "|普米族|塔吉克|怒族|裕固族|保安族|独龙族|各族|维吾尔"
)
AUTONOMOUS = re.compile(rf"^(?P<stem>.{{2,}}?)(?:{ETHNIC_GROUPS})+自治(?:区|州|县|旗)$")
KIND = re.compile(r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|特区|省|市|盟|区|县|旗)$")
COUNTRY = ("中华人民共和国", "中国")
HEADING = "市辖区"
NATIONAL_LEVEL = "国家级"


@functools.cache
def _simplified() -> dict[int, str]:
    return {
        ord(row["traditional"]): row["simplified"] for row in tables.read_rows("traditional_in_place_names")
    }


def fold_region_name(text: str) -> str:
    """The key by which names of regions are compared: half width, Simplified, letters and digits only."""
    characters = (char for char in unicodedata.normalize("NFKC", text) if char.isalnum())
    return "".join(characters).translate(_simplified())


def short_form(name: str) -> str:
    """The name without the kind of region: 广西壮族自治区 → 广西, 武汉市 → 武汉; 蓟县, of two characters, stays whole."""
    if match := AUTONOMOUS.match(name):
        return match["stem"]
    stem = KIND.sub("", name)
    return stem if len(stem) >= 2 else name


class RegionNameIndex:
    """Codes by name: `full` as in the list, `short` without the kind of region."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self.full: dict[str, list[str]] = defaultdict(list)
        self.short: dict[str, list[str]] = defaultdict(list)
        for region in regions:
            for name in filter(None, (region.zh, region.former)):
                self.full[name].append(region.code)
                if region.level == "zone":
                    self._add_zone_in_city(region, name)
                elif (short := short_form(name)) != name:
                    self.short[short].append(region.code)
        self.max_length = max(map(len, self.full))

    def _add_zone_in_city(self, zone: Region, name: str) -> None:
        """Add the name of a zone without its city's: 苏州工业园区 is also written 苏州市工业园区."""
        city = all_regions().get(zone.parent)
        if city is not None and name.startswith(stem := short_form(city.zh)):
            self.short[name.removeprefix(stem).removeprefix("市")].append(zone.code)

    def codes(self, name: str, within: str, *, short: bool = True) -> str | None:
        """The code of the only region of this name below `within` (empty: anywhere), full names first; else None."""
        return _choose_code(self.full.get(name, ()), within) or (
            _choose_code(self.short.get(name, ()), within) if short else None
        )


def _choose_code(codes: Iterable[str], within: str) -> str | None:
    """The one of several codes that a name means: in force before abolished, higher level before lower; else None."""
    inside = [code for code in codes if code != within and (not within or within in ancestors(code))]
    for abolished in (False, True):
        candidates = [code for code in inside if all_regions()[code].abolished is abolished]
        for level in ("province", "prefecture", "county", "zone"):
            of_level = [code for code in candidates if all_regions()[code].level == level]
            if len(of_level) == 1:
                return of_level[0]
            if of_level:
                return None
    return None


@functools.cache
def _provinces() -> RegionNameIndex:
    return RegionNameIndex(region for region in all_regions().values() if region.level == "province")


@functools.cache
def _other_regions() -> RegionNameIndex:
    return RegionNameIndex(
        region for region in all_regions().values() if region.level in {"prefecture", "county", "zone"}
    )


@functools.lru_cache(maxsize=16_384)
def find_code(province: str, city: str = "", county: str = "") -> str | None:
    """The code of a region by its names, as deep as they go; None if one is unknown or fits several regions.

    `find_code("广东省", "佛山市")`, `find_code("北京", "北京市")`, `find_code("上海市", "上海市黄浦区")`,
    `find_code("江苏", "江阴")`; any name may be empty.
    """
    given = [
        name
        for name in (fold_region_name(province), fold_region_name(city), fold_region_name(county))
        if name
    ]
    if not given:
        return None
    if given == [NATIONAL_LEVEL]:
        return NATIONAL
    code = ""
    for name in given:
        deeper = _descend(name, code)
        if deeper is None:
            return None
        code = deeper
    return code


def _descend(name: str, parent_code: str) -> str | None:
    """The code of a name below a region. The region's own name again, or before the other name, is accepted."""
    if not parent_code:
        return _provinces().codes(name, "") or _other_regions().codes(name, "") or _parse_names(name, "")
    above = all_regions()[parent_code]
    if name in {above.zh, short_form(above.zh), HEADING}:
        # 吉林省, 吉林市: the city is meant; 北京, 北京市: the same place
        return _other_regions().codes(name, parent_code, short=False) or _own_city(above, name) or parent_code
    below = _other_regions().codes(name, parent_code)
    if below is not None:
        return below
    if (code := _parse_names(name, "")) and parent_code in ancestors(code):
        return code
    rest = _without_prefix(name, (above.zh, short_form(above.zh)))
    return _parse_names(rest, parent_code) if rest and rest != name else _parse_names(name, parent_code)


def _own_city(above: Region, name: str) -> str | None:
    """The city of a province that has its name (吉林, 吉林); a municipality has none."""
    if above.level != "province" or name in {above.zh, HEADING}:
        return None
    return _choose_code(_other_regions().full.get(name + "市", ()), above.code)


def _without_prefix(name: str, prefixes: Iterable[str]) -> str:
    for prefix in prefixes:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _parse_names(text: str, within: str) -> str | None:
    """The code of a text that is nothing but names of regions (上海市黄浦区), or None."""
    code, rest = _parse_names_at_start(text, within)
    return code if code != within and not rest else None


@functools.lru_cache(maxsize=4_096)
def find_code_in_address(text: str) -> str | None:
    """The code of the deepest region that an address begins with, or None: 浙江省杭州市余杭区文一西路969号 → 330110."""
    code, _rest = _parse_names_at_start(_without_prefix(fold_region_name(text), COUNTRY), "")
    return code or None


def _parse_names_at_start(text: str, within: str) -> tuple[str, str]:
    """Read names of regions, each below the one before: the last code (or `within`) and the rest of the text."""
    code, rest = within, text
    while rest:
        if rest.startswith(HEADING):
            rest = rest.removeprefix(HEADING)
            continue
        step = _longest_name(rest, code)
        if step is None:
            return code, rest
        code, rest = step
    return code, rest


def _longest_name(text: str, parent_code: str) -> tuple[str, str] | None:
    """The code of the longest name below a region that a text begins with, and the text after it; or None."""
    above = all_regions().get(parent_code)
    for length in range(min(_other_regions().max_length, len(text)), 1, -1):
        name, rest = text[:length], text[length:]
        if above is None and (code := _provinces().codes(name, "")):
            return code, rest
        # A short form inside an address may be part of a street's name, except a city's before its district.
        if code := _other_regions().codes(
            name, parent_code, short=not rest or length <= _short_city(name, parent_code)
        ):
            return code, rest
        if above is not None and above.level == "province" and name in {above.zh, short_form(above.zh)}:
            return parent_code, rest
    return None


def _short_city(name: str, parent_code: str) -> int:
    """The length of a name that is the short form of a prefecture's (杭州), 0 for any other."""
    code = _choose_code(_other_regions().short.get(name, ()), parent_code)
    return len(name) if code is not None and all_regions()[code].level == "prefecture" else 0


@functools.cache
def _names() -> frozenset[str]:
    """Chinese names of all regions; of provinces, prefectures and cities also without the kind of region."""
    names = set()
    for each in all_regions().values():
        names.add(each.zh)
        if each.level != "county" or each.zh.endswith("市"):
            names.add(short_form(each.zh))
    return frozenset(names)


def is_region_name(text: str) -> bool:
    """True if a Chinese word is the name of a region, in Simplified characters."""
    return text in _names()
