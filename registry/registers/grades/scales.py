"""Grading schemes are data, keyed by name: scale with direction, validity, age of evidence.

Rank 1 is best whatever the labels say; ranks of different scales are never compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.kit.display import Words


@dataclass(frozen=True, slots=True)
class Level:
    code: str
    zh: str
    en: str
    rank: int
    aliases: tuple[str, ...] = ()

    def called(self, word: str) -> bool:
        return word in (self.code, self.zh, self.en, *self.aliases)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme and its scale. `validity_months`, `evidence_months`: longest validity, greatest age of evidence.

    Twelve months each in the draft of 2024-09-26; both are configuration until a final text is out. So are
    `graders`, the kinds of bodies that may grade. `subject`: what the scheme grades.
    """

    name: str
    en: str
    levels: tuple[Level, ...]
    standard: str = ""
    validity_months: int = 12
    evidence_months: int = 12
    subject: str = "product"
    graders: tuple[str, ...] = ("certification", "testing")


A_SCALE = tuple(
    Level("A" * n, "A" * n, "A" * n, 6 - n, (f"{n}A", f"{n}A级", f"{'A' * n}级")) for n in range(5, 0, -1)
)
STARS = (
    Level("★★★", "★★★", "three stars", 1, ("三星", "三星级")),
    Level("★★", "★★", "two stars", 2, ("二星", "二星级")),
    Level("★", "★", "one star", 3, ("一星", "一星级")),
)
FARM_PRODUCTS = (
    Level("特级", "特级", "special grade", 1),
    Level("一级", "一级", "grade 1", 2),
    Level("二级", "二级", "grade 2", 3),
)
AGE_FRIENDLY = (
    Level("优等品", "优等品", "superior", 1),
    Level("一等品", "一等品", "first class", 2),
    Level("合格品", "合格品", "qualified", 3),
)
ENERGY = tuple(Level(str(n), f"{n}级", f"grade {n}", n, (f"{zh}级",)) for n, zh in enumerate("一二三四五", 1))
CARE_HOMES = tuple(
    Level(zh, zh, f"level {n}", 6 - n)
    for n, zh in ((5, "五级"), (4, "四级"), (3, "三级"), (2, "二级"), (1, "一级"))
)
HOTEL = tuple(
    Level(f"{zh}星级", f"{zh}星级", f"{n} stars" if n > 1 else "1 star", 6 - n, (f"{zh}星",))
    for n, zh in zip(range(5, 0, -1), "五四三二一", strict=True)
)
LEADER = (
    Level("先进水平", "先进水平", "advanced", 1, ("先进",)),
    Level("平均水平", "平均水平", "average", 2, ("平均",)),
    Level("基准水平", "基准水平", "baseline", 3, ("基准",)),
)

ASSESSORS = ("certification", "assessment", "authority")
SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("产品质量分级", "Product quality grading", A_SCALE),
        Scheme("家具质量分级", "Furniture quality grading", A_SCALE, "GB/T 44211-2024"),
        Scheme("床垫质量分级", "Mattress quality grading", A_SCALE),
        Scheme("智能坐便器质量分级", "Smart toilet quality grading", A_SCALE),
        Scheme("扫地机器人质量分级", "Robot cleaner quality grading", A_SCALE),
        Scheme("羽绒服装质量分级", "Down garment quality grading", A_SCALE, "GB/T 45266-2025"),
        Scheme("针织内衣质量分级", "Knitted underwear quality grading", A_SCALE),
        Scheme("家电质量分级", "Household appliance quality grading", A_SCALE, "GB/T 45353-2025"),
        Scheme("消费品质量分级", "Consumer product quality grading", A_SCALE, "GB/T 44164-2024"),
        Scheme("茶叶分等", "Tea grading", FARM_PRODUCTS, subject="farm_produce"),
        Scheme("农产品分等", "Farm produce grading", FARM_PRODUCTS, subject="farm_produce"),
        Scheme("产品等级品", "Product classes of older standards", AGE_FRIENDLY),
        Scheme("能效等级", "Energy efficiency grade", ENERGY, validity_months=60),
        Scheme("水效等级", "Water efficiency grade", ENERGY, validity_months=60),
        Scheme("绿色建材星级", "Green building material stars", STARS, validity_months=60),
        Scheme(
            "养老机构等级",
            "Elderly-care institution level",
            CARE_HOMES,
            "GB/T 37276",
            validity_months=36,
            subject="institution",
            graders=ASSESSORS,
        ),
        Scheme(
            "旅游饭店星级", "Hotel stars", HOTEL, validity_months=60, subject="institution", graders=ASSESSORS
        ),
        Scheme(
            "旅游景区质量等级",
            "Tourist attraction grade",
            A_SCALE,
            validity_months=60,
            subject="institution",
            graders=ASSESSORS,
        ),
        Scheme("领跑者", "Top Runner level", LEADER),
    )
}


def find_level(scheme: str, grade: str) -> Level | None:
    """The level of a scheme's scale, by its label or a usual name (5A); None for an unknown scheme or grade."""
    known = SCHEMES.get(scheme)
    return next((each for each in known.levels if each.called(grade)), None) if known else None


def scheme_words(name: str) -> Words:
    known = SCHEMES.get(name)
    return Words(name, known.en if known else "", "platform" if known else "missing")


def grade_words(name: str) -> Words:
    """Words of a grade seen alone: labels of one spelling mean the same word in every scale."""
    for scheme in SCHEMES.values():
        if found := next((each for each in scheme.levels if each.code == name), None):
            return Words(found.zh, found.en, "platform")
    return Words(name, name if name.isascii() else "", "missing")


def label_of(written: str) -> str:
    """The label as its scale writes it where a word can mean nothing else: 5a, 5A级 → AAAAA; else as written."""
    word = written.upper()
    return next((each.code for each in A_SCALE if each.called(word)), written)
