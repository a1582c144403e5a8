"""The invented world: firms, trades and bodies that do not exist, and hold what the demonstration shows."""

from __future__ import annotations

import functools

from registry.kit.demonstration import Firm, InventedWorld, Row, Trade
from registry.reference.identifiers import credit_codes

SEED = 20260101

NAME_CORES = (
    ("青屿", "Qingyu"), ("云杉", "Yunshan"), ("禾木", "Hemu"), ("南岭", "Nanling"), ("星河", "Xinghe"),
    ("白鹭", "Bailu"), ("松涛", "Songtao"), ("晴川", "Qingchuan"), ("海岳", "Haiyue"), ("澄湖", "Chenghu"),
    ("竹里", "Zhuli"), ("望山", "Wangshan"), ("暖阳", "Nuanyang"), ("长风", "Changfeng"), ("素心", "Suxin"),
)  # fmt: skip
CITIES = (
    ("330100", "杭州", "Hangzhou"), ("440600", "佛山", "Foshan"), ("320500", "苏州", "Suzhou"),
    ("510100", "成都", "Chengdu"), ("370200", "青岛", "Qingdao"), ("330482", "平湖", "Pinghu"),
    ("310000", "上海", "Shanghai"), ("420100", "武汉", "Wuhan"), ("610100", "西安", "Xi'an"),
    ("350200", "厦门", "Xiamen"), ("500000", "重庆", "Chongqing"), ("120000", "天津", "Tianjin"),
)  # fmt: skip


TRADES = (
    Trade(
        "家具", "Furniture", "C2110",
        (("实木餐桌", "Solid wood dining table"), ("布艺沙发", "Fabric sofa"), ("书柜", "Bookcase"), ("床垫", "Mattress")),
        ("GB/T 35607-2024", "GB/T 35607-2017"), "家具质量分级", "QB/T 1951.1-2010",
        ("甲醛释放量", "Formaldehyde emission", "mg/m³", 0.05, "GB/T 17657-2022"),
    ),
    Trade(
        "涂料", "Coatings", "C2641",
        (("内墙乳胶漆", "Interior emulsion paint"), ("水性木器漆", "Water-based varnish")),
        ("GB/T 35602-2017",), "消费品质量分级", "HJ 2537-2014",
        ("挥发性有机化合物含量", "Volatile organic compounds", "g/L", 50.0, "GB/T 23986-2009"),
    ),
    Trade(
        "卫浴", "Sanitary Ware", "C3072",
        (("智能坐便器", "Smart toilet"), ("陶瓷洗面盆", "Ceramic wash basin"), ("节水水嘴", "Water-saving tap")),
        ("GB/T 35603-2017",), "智能坐便器质量分级", "GB/T 23131-2019",
        ("平均用水量", "Average water use", "L", 5.0, "GB/T 6952-2015"),
    ),
    Trade(
        "地板", "Flooring", "C2034",
        (("强化木地板", "Laminate flooring"), ("实木复合地板", "Engineered flooring"), ("胶合板", "Plywood")),
        ("GB/T 35601-2024", "GB/T 35601-2017"), "消费品质量分级", "GB/T 35601-2024",
        ("甲醛释放量", "Formaldehyde emission", "mg/m³", 0.05, "GB/T 17657-2022"),
    ),
    Trade(
        "羽绒", "Down Wear", "C1819",
        (("轻薄羽绒服", "Light down jacket"), ("儿童羽绒服", "Children's down jacket")),
        ("GB/T 35611-2017",), "羽绒服装质量分级", "GB/T 14272-2021",
        ("绒子含量", "Down cluster content", "%", 95.0, "GB/T 14272-2021"),
    ),
    Trade(
        "电器", "Appliances", "C3851",
        (("对开门电冰箱", "Side-by-side fridge"), ("滚筒洗衣机", "Drum washing machine"), ("扫地机器人", "Robot cleaner")),
        ("GB/T 33761-2024", "GB/T 33761-2017"), "家电质量分级", "GB/T 8059-2016",
        ("噪声", "Noise", "dB(A)", 40.0, "GB/T 8059-2016"),
    ),
    Trade(
        "纸业", "Paper", "C2221",
        (("复印纸", "Copy paper"), ("面巾纸", "Facial tissue")),
        ("GB/T 35613-2024", "GB/T 35613-2017"), "消费品质量分级", "GB/T 35613-2024",
        ("荧光增白剂", "Optical brightener", "%", 0.5, "GB/T 27741-2018"),
    ),
    Trade(
        "茶业", "Tea", "C1530",
        (("龙井绿茶", "Longjing green tea"), ("工夫红茶", "Congou black tea")),
        ("GB/T 33761-2024", "GB/T 33761-2017"), "茶叶分等", "GB/T 14456.1-2017",
        ("水分", "Moisture", "%", 7.0, "GB 5009.3-2016"),
    ),
)  # fmt: skip

# Further indicators, one a record in turn, so that every comparison can be seen: (operator, limits, value …)
FURTHER_INDICATORS: tuple[Row, ...] = (
    {"name_zh": "含水率", "name_en": "Moisture content", "operator": "in", "limit": 8, "limit_to": 12, "value": 9.5,
     "unit": "%", "method": "GB/T 17657-2022"},
    {"name_zh": "重金属（铅）", "name_en": "Heavy metals (lead)", "operator": "<", "limit": 90, "value": 12,
     "unit": "mg/kg", "method": "GB/T 22048-2022"},
    {"name_zh": "耐久性", "name_en": "Endurance", "operator": ">", "limit": 10000, "value": 25000, "unit": "次",
     "method": "GB/T 10357.1-2013"},
    {"name_zh": "检出禁用物质种数", "name_en": "Banned substances found", "operator": "=", "limit": 0, "value": 0,
     "unit": "1", "method": "GB/T 26125-2011"},
)  # fmt: skip

# Titles of the standards that are declared to, as the catalogue has them.
TITLES = {
    "QB/T 1951.1-2010": (
        "木家具 质量检验及质量评定",
        "Wooden furniture—Quality inspection and quality evaluation",
    ),
    "HJ 2537-2014": (
        "环境标志产品技术要求 水性涂料",
        "Technical requirement for environmental labelling products—Water based coatings",
    ),
    "GB/T 23131-2019": (
        "家用和类似用途电坐便器便座",
        "Electric toilet seats for household and similar use",
    ),
    "GB/T 35601-2024": (
        "绿色产品评价 人造板和木质地板",
        "Green product assessment—Wood-based panels and wooden flooring",
    ),
    "GB/T 14272-2021": ("羽绒服装", "Down garments"),
    "GB/T 8059-2016": ("家用和类似用途制冷器具", "Household and similar refrigerating appliances"),
    "GB/T 35613-2024": ("绿色产品评价 纸和纸制品", "Green product assessment—Paper and paper products"),
    "GB/T 14456.1-2017": ("绿茶 第1部分：基本要求", "Green tea—Part 1: Basic requirements"),
    "GB 18580-2017": (
        "室内装饰装修材料 人造板及其制品中甲醛释放限量",
        "Indoor decorating and refurbishing materials—Limit of formaldehyde emission of wood-based panels and finishing products",
    ),
    "ISO 9001:2015": ("质量管理体系 要求", "Quality management systems—Requirements"),
    "T/DEMO 0001-2024": (
        "演示产品通用要求（演示）",
        "General requirements for demonstration products (demo)",
    ),
    "T/DEMO 0001-2018": (
        "演示产品通用要求（演示）",
        "General requirements for demonstration products (demo)",
    ),
    "DB33/T 99991-2023": ("演示产品地方要求（演示）", "Local requirements for demonstration products (demo)"),
    "GB/Z 99991-2020": ("演示产品指南（演示）", "Guidance on demonstration products (demo)"),
}

SANCTIONS = {
    "suspended": [
        {
            "kind": "suspended",
            "from_on": "2026-07-01",
            "to_on": "2026-12-31",
            "decision": "演示〔2026〕7号",
            "reason_zh": "检验原始记录不完整（演示）",
            "reason_en": "Records of tests incomplete (demo)",
        }
    ],
    "revoked": [
        {
            "kind": "suspended",
            "from_on": "2023-12-01",
            "to_on": "2024-05-31",
            "decision": "演示〔2023〕31号",
            "reason_zh": "未按认证规则实施监督（演示）",
            "reason_en": "Surveillance not carried out as the rules ask (demo)",
        },
        {
            "kind": "revoked",
            "from_on": "2024-06-03",
            "decision": "演示〔2024〕12号",
            "reason_zh": "暂停期内仍颁发证书（演示）",
            "reason_en": "Certificates issued while suspended (demo)",
        },
    ],
}
BODY_ABROAD: Row = {
    "approval_no": "F-SG-DEMO",
    "name_zh": "海外绿标（演示）",
    "name_en": "Overseas Green Label (demo)",
    "kind": "certification",
    "scope": "境外认证（演示）",
    "valid_from": "2019-01-01",
    "valid_to": "2099-12-31",
    "status": "valid",
    "demo": "true",
}
BODIES = tuple(
    {
        "approval_no": f"CNCA-R-2099-{101 + index}",
        "name_zh": zh,
        "name_en": en,
        "kind": kind,
        "scope": "绿色产品、绿色建材、节能、节水、环境标志、低碳、有机、有害物质限制使用、再生、质量分级（演示）",
        "cma_no": f"99000000000{1 + index}",
        "valid_from": "2019-01-01",
        "valid_to": until,
        "status": status,
        "demo": "true",
        **({"sanctions": SANCTIONS[status]} if status in SANCTIONS else {}),
    }
    for index, (zh, en, kind, status, until) in enumerate(
        (
            (
                "青衡认证（演示）有限公司",
                "Qingheng Certification (demo) Ltd",
                "certification",
                "valid",
                "2099-12-31",
            ),
            (
                "北辰质检（演示）有限公司",
                "Beichen Quality Testing (demo) Ltd",
                "testing",
                "valid",
                "2099-12-31",
            ),
            ("南桥评价（演示）中心", "Nanqiao Assessment Centre (demo)", "assessment", "valid", "2099-12-31"),
            (
                "西岭检验（演示）有限公司",
                "Xiling Inspection (demo) Ltd",
                "inspection",
                "suspended",
                "2099-12-31",
            ),
            (
                "东垣认证（演示）有限公司",
                "Dongyuan Certification (demo) Ltd",
                "certification",
                "revoked",
                "2099-12-31",
            ),
            (
                "中岳认证（演示）有限公司",
                "Zhongyue Certification (demo) Ltd",
                "certification",
                "expired",
                "2025-12-31",
            ),
        )
    )
)


def _make_firms() -> tuple[Firm, ...]:
    """Sixty firms that do not exist; both check digits of their codes are right (GB 32100, GB 11714)."""
    made = []
    for number in range(60):
        (zh, en), (region, city_zh, city_en) = (
            NAME_CORES[number % len(NAME_CORES)],
            CITIES[(number * 7) % len(CITIES)],
        )
        trade = TRADES[number % len(TRADES)]
        organisation = credit_codes.make_organisation_code(f"MAXD{number:04d}")
        code = credit_codes.make_credit_code(f"91{region}{organisation}")
        made.append(
            Firm(
                code,
                f"{city_zh}{zh}{trade.zh}有限公司（演示）",
                f"{city_en} {en} {trade.en} Co., Ltd. (demo)",
                region,
                trade,
                f"{en[:2]}{trade.en[:2]}".upper(),
                city_zh,
            )
        )
    return tuple(made)


@functools.cache
def invented_world() -> InventedWorld:
    """The firms, bodies and standards that invented records name: the same ones on every day and machine."""
    return InventedWorld(
        seed=SEED,
        firms=_make_firms(),
        bodies=(*BODIES, BODY_ABROAD),
        standard_titles=TITLES,
        name_cores=NAME_CORES,
        further_indicators=FURTHER_INDICATORS,
    )
