"""An invented corpus of any size, the same every time: what registers of this kind hold, in the shares they hold it.

86 % declarations, 9 % certificates, 4.5 % grades, 0.5 % brands; 341 regions; 40 products; indicator words drawn by Zipf's
law (exponent 1.07) from 20,000. Those words are pairs and triples of common characters, not words of a dictionary: for an
index of single characters and pairs the difference is none.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import numpy as np

from registry.reference.code_lists import regions
from registry.reference.identifiers import credit_codes
from registry.reference.text.romanise import pinyin_name
from registry.search.analysis.document import SearchDocument

CHARACTERS = (
    "同仁堂盛泰和德福祥瑞宝恒昌隆兴华永安康益信诚源丰裕庆鼎金玉龙凤天地海山明光荣耀星辰宏伟达通远博雅美佳优乐欣怡百年老字"
    "大顺利正广东吉万成生立国民众联合新世纪元亨贞三五全聚六必居稻香村内升馨王麻子张一小泉采芝斋水火木土日月风云春夏秋冬红"
)
WORDS, EXPONENT = 20_000, 1.07
PRODUCTS = [
    "酱油",
    "白酒",
    "绿茶",
    "节能灯",
    "空气净化器",
    "电动自行车",
    "中成药",
    "丝绸面料",
    "陶瓷砖",
    "人造板",
    "洗衣机",
    "电冰箱",
    "家用空调",
    "儿童玩具",
    "运动鞋",
    "不锈钢锅",
    "太阳能热水器",
    "涂料",
    "水泥",
    "轴承",
    "锂电池",
    "医用口罩",
    "婴幼儿奶粉",
    "食用植物油",
    "月饼",
    "火腿",
    "毛笔",
    "剪刀",
    "眼镜",
    "钟表",
    "塑料管材",
    "电线电缆",
    "消毒液",
    "洗涤剂",
    "纸巾",
    "羽绒服",
    "毛巾",
    "矿泉水",
    "食醋",
    "面条",
]
KINDS = [
    "绿色",
    "高效",
    "智能",
    "低碳",
    "传统",
    "有机",
    "环保型",
    "精制",
    "特级",
    "便携式",
    "工业用",
    "家用",
    "无醛",
    "可降解",
    "节水型",
]
TRADES = [
    "食品",
    "科技",
    "药业",
    "酒业",
    "茶业",
    "纺织",
    "机械",
    "电子",
    "建材",
    "化工",
    "家具",
    "环保",
    "医疗器械",
    "农业",
    "陶瓷",
    "服饰",
    "新能源",
    "塑料制品",
    "五金",
]
FORMS = ("有限公司", "有限公司", "股份有限公司", "集团有限公司", "厂")
ENGLISH = [
    "smart",
    "premium",
    "organic",
    "portable",
    "household",
    "furniture",
    "lamp",
    "vinegar",
    "cement",
    "bicycle",
    "towel",
    "watch",
    "bearing",
    "ham",
    "toy",
]
FAMOUS = ("同仁堂", "全聚德", "六必居", "稻香村", "张小泉", "内联升", "王麻子", "采芝斋", "恒源祥", "狗不理")
STANDARDS = (
    "GB/T 35607-2024",
    "GB/T 32161-2015",
    "GB 18584-2024",
    "GB/T 19001-2016",
    "GB 2760-2024",
    "GB 7718-2011",
)
STATES = (("in_force", "in_force", 0.82), ("expired", "ended", 0.12), ("suspended", "restricted", 0.06))
SHARES = {"declarations": 0.86, "green-products": 0.09, "grades": 0.045, "brands": 0.005}
REGIONS = 341
DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def documents(size: int, seed: int = 1) -> Iterator[SearchDocument]:
    """So many records, ids from 1."""
    chance = random.Random(seed)
    words = _words(chance, seed)
    codes = [each.code for each in regions.all_regions().values() if each.level == "prefecture"][:REGIONS]
    firms = [enterprise(chance, chance.choice(codes)) for _ in range(max(500, min(size // 20, 20_000)))]
    names = [_brand(chance) for _ in range(max(200, min(size // 20, 20_000)))]
    for record_id in range(1, size + 1):
        [register] = chance.choices(list(SHARES), list(SHARES.values()))
        name, other_names = _name(chance, register, record_id, names)
        code, firm, number = chance.choice(firms)
        status, standing = _state(chance)
        year = chance.randrange(2015, 2027)
        own = f"{register[:2].upper()}-{year}-{record_id:07d}"
        yield SearchDocument(
            id=record_id,
            index_version=record_id,
            register=register,
            number=own,
            status=status,
            standing=standing,
            names=(name, *other_names),
            parties=(firm,),
            codes=(own,),
            mentions=(number, chance.choice(STANDARDS)),
            words=(
                "，".join(itertools.islice(words, 10)),
                regions.label(code, "zh"),
                " ".join(chance.sample(ENGLISH, 2)),
            ),
            facets={"region": (code[:2] + "0000", code), "year": (str(year),)},
            date=year * 10000 + chance.randrange(1, 13) * 100 + chance.randrange(1, 29),
            title_sort_zh=name,
            title_sort_en=other_names[0].lower(),
            rank=chance.randrange(1, 6) if register == "grades" else 0,
        )


def vocabulary(seed: int = 1) -> list[str]:
    """The indicator words, the most frequent first."""
    chance = random.Random(f"words {seed}")
    return ["".join(chance.choices(CHARACTERS, k=chance.choice((2, 2, 3)))) for _ in range(WORDS)]


def _words(chance: random.Random, seed: int) -> Iterator[str]:
    known = vocabulary(seed)
    weights = 1 / np.arange(1, WORDS + 1) ** EXPONENT
    ends = np.cumsum(weights / weights.sum())
    drawn = np.random.default_rng(chance.randrange(1 << 30))
    while True:
        for number in np.searchsorted(ends, drawn.random(1 << 15)).clip(0, WORDS - 1).tolist():
            yield known[number]


def _state(chance: random.Random) -> tuple[str, str]:
    drawn = chance.random()
    for status, standing, share in STATES:
        drawn -= share
        if drawn < 0:
            return status, standing
    return STATES[0][:2]


def _name(chance: random.Random, register: str, number: int, names: list[str]) -> tuple[str, tuple[str, ...]]:
    if register == "brands":
        name = FAMOUS[number % len(FAMOUS)] if chance.random() < 0.02 else chance.choice(names)
        return name, (pinyin_name(name),)
    kind, product = chance.choice(KINDS), chance.choice(PRODUCTS)
    return kind + product, (f"{chance.choice(ENGLISH)} {chance.choice(ENGLISH)}",)


def _brand(chance: random.Random) -> str:
    return "".join(chance.choices(CHARACTERS, k=chance.choice((2, 2, 3))))


def enterprise(chance: random.Random, code: str, number: int | None = None) -> tuple[str, str, str]:
    """Region, name and credit code of an enterprise; a `number` makes the code differ from all others."""
    name = f"{regions.label(code, 'zh')}{_brand(chance)}{chance.choice(TRADES)}{chance.choice(FORMS)}"
    body = f"91{code}MA" + ("".join(chance.choices(DIGITS, k=7)) if number is None else f"{number:07d}")
    return code, name, credit_codes.make_credit_code(body)
