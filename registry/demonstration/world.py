"""The invented world: firms, trades and bodies that do not exist, and hold what the demonstration shows."""

from __future__ import annotations

import functools

from registry.demonstration.goods import (
    BRAND_TRADES,
    CARE_TRADE,
    CATEGORY_OF_TRADE,
    COMPARED,
    FURTHER_INDICATORS,
    MANDATORY,
    TITLES,
    TRADES,
)
from registry.kit.demonstration import BrandFirm, Firm, InventedWorld, Row, Trade
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


FIRMS, CARE_FIRMS = 60, 6
DEREGISTERED_ON = (
    "2026-09-01"  # the firms whose registration ended; what was decided of them was decided afterwards
)


def _firm(number: int, core: int, city: int, trade: Trade) -> Firm:
    """A firm that does not exist; both check digits of its code are right (GB 32100, GB 11714)."""
    (zh, en), (region, city_zh, city_en) = NAME_CORES[core % len(NAME_CORES)], CITIES[city % len(CITIES)]
    organisation = credit_codes.make_organisation_code(f"MAXD{number:04d}")
    return Firm(
        credit_codes.make_credit_code(f"91{region}{organisation}"),
        f"{city_zh}{zh}{trade.zh}有限公司（演示）",
        f"{city_en} {en} {trade.en} Co., Ltd. (demo)",
        region,
        trade,
        f"{en[:2]}{trade.en[:2]}".upper(),
        city_zh,
        DEREGISTERED_ON if number < FIRMS and number % 20 == 19 else "",
    )


def _make_firms() -> tuple[Firm, ...]:
    """The firms that hold certificates, grades and declarations."""
    return tuple(_firm(number, number, number * 7, TRADES[number % len(TRADES)]) for number in range(FIRMS))


def _make_brand_firms() -> tuple[BrandFirm, ...]:
    """One firm for each category of brands that the other firms do not have; they hold nothing but brands."""
    return tuple(
        BrandFirm(category, _firm(FIRMS + number, number + 5, number, trade))
        for number, (category, trade) in enumerate(BRAND_TRADES)
    )


def _make_care_firms() -> tuple[Firm, ...]:
    """Homes for the elderly."""
    first = FIRMS + len(BRAND_TRADES)
    return tuple(_firm(first + number, number + 2, number * 5, CARE_TRADE) for number in range(CARE_FIRMS))


@functools.cache
def invented_world() -> InventedWorld:
    """The firms, bodies and standards that invented records name: the same ones on every day and machine."""
    firms = _make_firms()
    return InventedWorld(
        seed=SEED,
        firms=firms,
        brand_firms=(
            *(BrandFirm(CATEGORY_OF_TRADE.get(firm.trade.zh, "other"), firm) for firm in firms),
            *_make_brand_firms(),
        ),
        bodies=(*BODIES, BODY_ABROAD),
        care_firms=_make_care_firms(),
        standard_titles=TITLES,
        name_cores=NAME_CORES,
        further_indicators=FURTHER_INDICATORS,
        mandatory=MANDATORY,
        compared_standard=COMPARED,
    )
