"""Units of indicators and exact conversion between them: `0.2 mg/m³` and `200 µg/m³` are one quantity.

What is dissolved in a litre and what is in a cubic metre of air are measured in different ways; they are not converted.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from decimal import Context
from fractions import Fraction

_RATIO, _AIR, _LIQUID, _AREA, _LENGTH, _MASS, _VOLUME, _PRESSURE, _FORCE, _TIME, _POWER, _ENERGY = (
    "ratio", "mass in air", "mass in liquid", "mass on area", "length", "mass", "volume", "pressure", "force", "time",
    "power", "energy",
)  # fmt: skip
_GRAMS: dict[str, Fraction] = {
    "kg": Fraction(10**3),
    "g": Fraction(1),
    "mg": Fraction(1, 10**3),
    "μg": Fraction(1, 10**6),
    "ng": Fraction(1, 10**9),
}
UNITS: dict[str, tuple[str, Fraction]] = {
    "": (_RATIO, Fraction(1)),
    "1": (_RATIO, Fraction(1)),
    "%": (_RATIO, Fraction(1, 100)),
    "‰": (_RATIO, Fraction(1, 1000)),
    "ppm": (_RATIO, Fraction(1, 10**6)),
    "ppb": (_RATIO, Fraction(1, 10**9)),
    **{f"{name}/kg": (_RATIO, of / 1000) for name, of in _GRAMS.items() if name != "kg"},
    **{f"{name}/100g": (_RATIO, of / 100) for name, of in _GRAMS.items() if name != "kg"},
    **{f"{name}/g": (_RATIO, of) for name, of in _GRAMS.items() if name not in ("kg", "g")},
    **{f"{name}/m3": (_AIR, of) for name, of in _GRAMS.items()},
    **{f"{name}/L": (_LIQUID, of) for name, of in _GRAMS.items()},
    **{f"{name}/mL": (_LIQUID, of * 1000) for name, of in _GRAMS.items() if name != "kg"},
    **{f"{name}/m2": (_AREA, of) for name, of in _GRAMS.items()},
    **{f"{name}/dm2": (_AREA, of * 100) for name, of in _GRAMS.items()},
    **{f"{name}/cm2": (_AREA, of * 10**4) for name, of in _GRAMS.items()},
    **{name: (_MASS, of) for name, of in _GRAMS.items()},
    "t": (_MASS, Fraction(10**6)),
    "km": (_LENGTH, Fraction(10**3)),
    "m": (_LENGTH, Fraction(1)),
    "dm": (_LENGTH, Fraction(1, 10)),
    "cm": (_LENGTH, Fraction(1, 100)),
    "mm": (_LENGTH, Fraction(1, 10**3)),
    "μm": (_LENGTH, Fraction(1, 10**6)),
    "nm": (_LENGTH, Fraction(1, 10**9)),
    "m3": (_VOLUME, Fraction(10**3)),
    "L": (_VOLUME, Fraction(1)),
    "dm3": (_VOLUME, Fraction(1)),
    "mL": (_VOLUME, Fraction(1, 10**3)),
    "cm3": (_VOLUME, Fraction(1, 10**3)),
    "Pa": (_PRESSURE, Fraction(1)),
    "kPa": (_PRESSURE, Fraction(10**3)),
    "MPa": (_PRESSURE, Fraction(10**6)),
    "GPa": (_PRESSURE, Fraction(10**9)),
    "N/mm2": (_PRESSURE, Fraction(10**6)),
    "N/m2": (_PRESSURE, Fraction(1)),
    "bar": (_PRESSURE, Fraction(10**5)),
    "N": (_FORCE, Fraction(1)),
    "kN": (_FORCE, Fraction(10**3)),
    "s": (_TIME, Fraction(1)),
    "min": (_TIME, Fraction(60)),
    "h": (_TIME, Fraction(3600)),
    "d": (_TIME, Fraction(86400)),
    "W": (_POWER, Fraction(1)),
    "kW": (_POWER, Fraction(10**3)),
    "J": (_ENERGY, Fraction(1)),
    "kJ": (_ENERGY, Fraction(10**3)),
    "MJ": (_ENERGY, Fraction(10**6)),
    "Wh": (_ENERGY, Fraction(3600)),
    "kWh": (_ENERGY, Fraction(3_600_000)),
}  # fmt: skip
CHINESE_WORDS = (
    ("立方分米", "dm3"), ("立方厘米", "cm3"), ("立方米", "m3"), ("平方分米", "dm2"), ("平方厘米", "cm2"), ("平方米", "m2"),
    ("毫克", "mg"), ("微克", "μg"), ("纳克", "ng"), ("千克", "kg"), ("公斤", "kg"), ("克", "g"), ("吨", "t"), ("毫升", "mL"),
    ("升", "L"), ("毫米", "mm"), ("微米", "μm"), ("纳米", "nm"), ("厘米", "cm"), ("千米", "km"), ("米", "m"), ("兆帕", "MPa"),
    ("千帕", "kPa"), ("帕", "Pa"), ("千牛", "kN"), ("牛", "N"), ("小时", "h"), ("分钟", "min"), ("秒", "s"), ("天", "d"),
    ("千瓦时", "kWh"), ("千瓦", "kW"), ("瓦", "W"), ("每", "/"),
)  # fmt: skip
SIGNIFICANT = Context(prec=12)
INVERSE = re.compile(r"[·.*]?(kg|g|m3|m2|L|m|dm2|cm2|mL)(?:-1|\^-1)|[·.*]?(m|dm|cm)(?:-|\^-)([23])")


@functools.lru_cache(maxsize=1024)
def spell(unit: str) -> str:
    """The unit in one spelling: `㎎／㎥`, `mg·m⁻³`, `毫克/立方米` and `mg/m^3` are `mg/m3`; an unknown one keeps its own."""
    text = unicodedata.normalize("NFKC", unit).replace("−", "-").replace(" ", "")
    for word, symbol in sorted(CHINESE_WORDS, key=lambda pair: -len(pair[0])):
        text = text.replace(word, symbol)
    text = text.replace("µ", "μ")
    text = re.sub(r"\bu(?=g|m\b)", "μ", text)
    text = re.sub(r"(?<![a-zA-Z])l\b|(?<=[mμn])l\b", "L", text)
    text = INVERSE.sub(lambda found: f"/{found[1] or found[2] + found[3]}", text)
    return text.replace("^", "")


def find_factor(unit: str) -> tuple[str, Fraction] | None:
    """What a unit measures and how many of the base unit it is; None for a unit that is not known."""
    return UNITS.get(spell(unit))


def exact(value: float | str) -> Fraction:
    """A figure as it was written, to 12 significant digits: beyond them 0.1 + 0.2 differs from 0.3."""
    return Fraction(SIGNIFICANT.create_decimal(str(value)))


def in_unit(value: float | str, unit: str, wanted: str) -> Fraction | None:
    """A value of one unit in another one, exactly; None where they measure different things or are not known."""
    number = exact(value)
    if spell(unit) == spell(wanted):
        return number
    own, other = find_factor(unit), find_factor(wanted)
    if own is None or other is None or own[0] != other[0]:
        return None
    return number * own[1] / other[1]
