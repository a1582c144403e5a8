"""Enumerations of green certification and what differs by scheme: configuration, not constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.kit.codes import Code, CodeList

SCHEMES = CodeList(
    Code("green_product", "绿色产品", "green product", ("绿色产品(活动一)", "绿色产品认证", "全绿")),
    Code("green_building_material", "绿色建材", "green building material", ("绿色建材产品认证",)),
    Code("energy_saving", "节能", "energy saving", ("节能产品", "节能认证")),
    Code("water_saving", "节水", "water saving", ("节水产品", "节水认证")),
    Code(
        "environmental_label", "环境标志", "environmental label", ("环保", "环保(环境标志)", "中国环境标志")
    ),
    Code("low_carbon", "低碳", "low carbon", ("低碳产品",)),
    Code("organic", "有机", "organic", ("有机产品",)),
    Code(
        "rohs", "有害物质限制使用", "restriction of hazardous substances", ("RoHS", "RoHS(有害物质限制使用)")
    ),
    Code("recycled", "再生", "recycled", ("再生产品",)),
    # Programmes abroad, each under its own name: none of them is a Chinese green-product certification.
    Code(
        "energy_star",
        "境外认证 · 美国能源之星",
        "foreign certification · US ENERGY STAR",
        ("ENERGY STAR", "能源之星", "美国能源之星"),
    ),
    Code("foreign", "境外认证", "foreign certification", ("国外认证", "境外")),
    Code("other", "其他", "other"),
)
FOREIGN_SCHEMES = ("energy_star", "foreign")

ROUTES = CodeList(
    Code(
        "1",
        "列入统一目录的绿色产品认证（认证活动一）",
        "green product of the national catalogue (route 1)",
        ("活动一", "认证活动一", "route 1"),
    ),
    Code(
        "2",
        "国家统一推行的绿色属性认证（认证活动二）",
        "green attribute, uniform national scheme (route 2)",
        ("活动二", "认证活动二", "route 2"),
    ),
    Code(
        "3",
        "自愿性绿色属性认证（认证活动三）",
        "green attribute, voluntary certification (route 3)",
        ("活动三", "认证活动三", "route 3"),
    ),
)

LEVELS = CodeList(
    Code("three_star", "★★★", "three stars (highest)", ("三星", "三星级", "3"), rank=1),
    Code("two_star", "★★", "two stars", ("二星", "二星级", "2"), rank=2),
    Code("one_star", "★", "one star", ("一星", "一星级", "1"), rank=3),
    Code("benchmark", "绿色标杆产品", "green benchmark product", ("标杆",), rank=1),
    Code("green", "绿色产品", "green product", (), rank=2),
)

ATTRIBUTES = CodeList(
    Code("resource", "资源", "resource"),
    Code("energy", "能源", "energy"),
    Code("environment", "环境", "environment"),
    Code("quality", "品质", "quality"),
    Code("carbon", "低碳", "low carbon"),
)

REASONS = CodeList(
    Code("surveillance_overdue", "监督未按期", "surveillance overdue"),
    Code("surveillance_failed", "监督不合格", "surveillance failed"),
    Code("sample_failed", "产品抽查不合格", "product sample failed"),
    Code("mark_misused", "违规使用标识", "mark misused"),
    Code("holder_asked_suspension", "持有人申请暂停", "holder asked for suspension"),
    Code("standard_not_converted", "标准换版未转换", "not converted to the new edition"),
    Code("suspension_ran_out", "暂停期满未恢复", "suspension ran out"),
    Code("serious_quality_problem", "严重质量问题", "serious quality problem"),
    Code("obtained_by_deceit", "欺骗取证", "certificate obtained by deceit"),
    Code("surveillance_refused", "拒绝监督", "surveillance refused"),
    Code("holder_asked_end", "持有人申请", "holder asked to end it"),
    Code("no_longer_made", "不再生产", "no longer made"),
    Code("standard_ended", "标准/目录取消", "standard or catalogue entry ended"),
    Code("holder_deregistered", "主体注销", "holder deregistered"),
)

RESULTS = CodeList(
    Code("pass", "合格", "passed", ("通过",)),
    Code("fail", "不合格", "failed", ("不通过",)),
    Code("pending", "待监督", "pending"),
    Code(
        "nonconformities",
        "合格，有不符合项",
        "passed with nonconformities",
        ("有不符合项", "存在不符合项", "合格（有不符合项）"),
    ),
)
JUDGED = ("pass", "nonconformities", "fail")  # results of a surveillance that was done

# Which reasons belong to which state.
REASONS_OF: dict[str, frozenset[str]] = {
    "suspended": frozenset(
        {
            "surveillance_overdue", "surveillance_failed", "sample_failed", "mark_misused",
            "holder_asked_suspension", "standard_not_converted",
        }
    ),
    "revoked": frozenset(
        {"suspension_ran_out", "serious_quality_problem", "obtained_by_deceit", "surveillance_refused"}
    ),
    "cancelled": frozenset({"holder_asked_end", "no_longer_made", "standard_ended", "holder_deregistered"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchemeRules:
    """What a scheme lays down. `years`: longest validity; `levels`: codes it may give, none: it has no levels.

    `standards`: the standards of its catalogue without their year; none: the register does not know a list.
    `routes`: the routes of certification it belongs to. `numbers`: the family of its certificate numbers.
    `surveillance_months`: from one surveillance to the next; None: the register knows of no interval.
    """

    years: int = 5
    levels: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    standards: frozenset[str] = frozenset()
    routes: tuple[str, ...] = ("2", "3")
    numbers: str = ""
    surveillance_months: int | None = 12


FOUR = ("resource", "energy", "environment", "quality")
# The catalogue of route 1: the list of April 2018 and the two kinds that came later.
CATALOGUE = frozenset(
    f"GB/T {number}"
    for number in (33761, 35601, 35602, 35603, 35604, 35605, 35606, 35607, 35608, 35609, 35610, 35611, 35612,
                   35613, 37866, 39020)
)  # fmt: skip
SCHEME_RULES = {
    # 《绿色产品标识使用管理办法》 SAMR Announcement 2019 No. 20; GB/T 33761-2024 for the attributes
    "green_product": SchemeRules(5, ("benchmark", "green"), FOUR, CATALOGUE, ("1",)),
    "green_building_material": SchemeRules(5, ("three_star", "two_star", "one_star"), FOUR, routes=("1",)),
    # CNCA-N-009, the implementation rules for organic products
    "organic": SchemeRules(1, numbers="organic"),
    # What programmes abroad ask of their holders is theirs to say.
    **dict.fromkeys(FOREIGN_SCHEMES, SchemeRules(surveillance_months=None)),
}


NO_RULES_OF_ITS_OWN = SchemeRules()


def rules_of_scheme(values: Mapping[str, Any]) -> SchemeRules:
    """Return what the scheme of a certificate lays down."""
    return SCHEME_RULES.get(str(values.get("scheme")), NO_RULES_OF_ITS_OWN)


def intervals_of_schemes() -> str:
    """Return the months from one surveillance to the next of every scheme, as a text."""
    return " ".join(
        f"{code.code}={rules_of_scheme({'scheme': code.code}).surveillance_months}" for code in SCHEMES
    )


def surveillance_interval(values: Mapping[str, Any]) -> int | None:
    """Return the months from one surveillance to the next: as the certificate states, else as its scheme lays down."""
    stated = values.get("surveillance_months")
    return int(stated) if stated else rules_of_scheme(values).surveillance_months


# What the standards of the catalogue are about, in words that names of products have. A product whose name has words of
# another standard only is doubtful; one that has none of these words is not judged.
PRODUCT_WORDS = {
    "GB/T 35601": ("人造板", "木质地板", "木地板", "地板", "胶合板", "刨花板", "纤维板", "flooring", "plywood"),
    "GB/T 35602": ("涂料", "油漆", "清漆", "底漆", "面漆", "乳胶漆", "腻子", "paint", "coating", "varnish"),
    "GB/T 35603": ("卫生陶瓷", "坐便器", "马桶", "洗面器", "小便器", "蹲便器", "toilet", "washbasin"),
    "GB/T 35604": ("玻璃", "glass"),
    "GB/T 35605": ("墙体", "砌块", "砖块", "墙板", "brick", "wall panel"),
    "GB/T 35606": ("太阳能热水", "solar water"),
    "GB/T 35607": (
        "家具", "桌", "椅", "柜", "床", "沙发", "书架", "凳", "furniture", "table", "chair", "cabinet", "bed",
        "mattress", "sofa", "desk", "shelf",
    ),
    "GB/T 35608": ("绝热", "保温", "岩棉", "玻璃棉", "insulation"),
    "GB/T 35609": ("防水卷材", "防水材料", "密封胶", "密封材料", "waterproof", "sealant"),
    "GB/T 35610": ("陶瓷砖", "瓷砖", "瓷板", "岩板", "ceramic tile"),
    "GB/T 35611": (
        "纺织", "面料", "服装", "衬衫", "毛巾", "床单", "被套", "羽绒服", "textile", "fabric", "shirt", "towel",
        "garment",
    ),
    "GB/T 35612": ("木塑", "wood plastic", "wood-plastic"),
    "GB/T 35613": ("纸", "paper"),
    "GB/T 37866": ("塑料", "plastic"),
    "GB/T 39020": ("洗衣液", "洗衣粉", "洗涤", "洗洁精", "洗手液", "detergent"),
}  # fmt: skip
# Editions that define the second level above "green product" (GB/T 35607-2024).
EDITIONS_WITH_LEVELS = frozenset({"GB/T 35607-2024"})
# A suspension is lifted or becomes a revocation within these months.
SUSPENSION_MONTHS = 12
