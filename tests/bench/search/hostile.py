"""Hostile queries: texts that are typed to slow the search down or to make it fail."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable

from registry.search.port import Query

CHANCE = random.Random(7)
REPEATS = 7
LIMIT = 5  # times the 99th percentile of the usual questions
FACETS = ("register", "status", "region", "year")
HAN = "".join(chr(0x4E00 + CHANCE.randrange(20_000)) for _each in range(2_000))

HOSTILE: dict[str, str] = {
    "100,000 letters": "a" * 100_000,
    "100,000 different letters": "".join(CHANCE.choices("abcdefghijklmnopqrstuvwxyz ", k=100_000)),
    "100,000 Chinese characters": "家" * 100_000,
    "2,000 different characters": HAN,
    "500 characters of one run": HAN[:500],
    "250 words": " ".join(f"w{n}" for n in range(250)),
    "the commonest words": "有限公司 产品 标准 认证 中国 绿色 质量 浙江 北京 家具 certificate furniture valid company",
    "one character of everything": "有 公 司 产 品 标 准 认 证 中 国 绿 色 质 量",
    "single letters": "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "digits": "1 2 3 4 5 6 7 8 9 0",
    "a long number": "9" * 500,
    "a number with letters": "1a" * 250,
    "star": "*",
    "star first": "*furniture",
    "star last": "furniture*",
    "stars": "f*u*r*n*i*t*u*r*e",
    "question marks": "fur?it?re ????????",
    "wildcards alone": "*?*?*?*?",
    "like signs": "%_%_%家具%",
    "regular expression": r"/(a+)+$/ [a-z]{1,99}",
    "regular expression that backs up": "(a|a)*" * 60 + "b",
    "range": "[2000 TO 2024] {a TO z}",
    "open range": "number:[* TO *]",
    "field names": "names:家具 id:1 _id:* status:valid",
    "boolean": "a AND b OR NOT c AND (d OR e)",
    "minus everything": "-a -b -家具 -产品 -company",
    "a minus alone": "-",
    "minus many": " ".join(f"-w{n}" for n in range(120)),
    "nested brackets": "(" * 250 + "家具" + ")" * 250,
    "unbalanced brackets": "((((([[[[{{{{",
    "boost": "furniture^999999 家具^-1",
    "fuzzy": "furniture~ furnitur~99 家具~0.1",
    "quotes unclosed": '"家具 furniture',
    "quotes alone": '""" "" "',
    "many quotes": '"家具" ' * 60,
    "a quoted novel": '"' + "家具产品" * 120 + '"',
    "backslashes": "\\" * 250,
    "SQL": "' OR 1=1; DROP TABLE record; --",
    "SQL in LIKE": "%' UNION SELECT password FROM user --",
    "script": "<script>alert(1)</script>",
    "template": "{{ 7*7 }} ${7*7} #{7*7}",
    "path": "../../../../etc/passwd",
    "format": "%s%n%x %(name)s {0.__class__}",
    "control characters": "".join(map(chr, range(1, 32))) + "家具",
    "a null": "家\x00具",
    "line ends": "家具\r\nSet-Cookie: a=b",
    "writing that turns round": "\u202e家具\u202d\u2066furniture\u2069",
    "signs of no width": "家\u200b具\u200d\ufeff\u2060",
    "combining marks": "e" + "\u0301" * 400,
    "rare scripts": "ᚠᚢᚦ 𐎀𐎁 ꦲꦤ ᠮᠣᠩ ኢትዮ ᏣᎳᎩ 𓀀𓁐",
    "characters beyond the first plane": "𠀀𠀁𠀂𠜎𠜱 𪚥𪚥",
    "private use": "\ue000\uf8ff\U000f0000",
    "no characters": "\ufffe\uffff\ufffd",
    "half a pair": "家具\ud800",
    "emoji": "👩‍👩‍👧‍👦" * 40,
    "full width": "ＧＢ／Ｔ　３５６０７－２０２４" * 10,
    "compatibility forms": "㈱㌔㎏ﬃ①㊙" * 40,
    "Arabic and Hebrew": "شهادة الجودة תעודת איכות",
    "Hangul and kana": "품질인증 ひんしつにんしょう",
    "blanks": " \t\u3000\u00a0\u2003" * 80,
    "dots": "." * 500,
    "slashes of numbers": "/".join(["GB"] * 160),
    "numbers of standards": " ".join(f"GB/T {n}-2020" for n in range(1000, 1060)),
    "years": " ".join(map(str, range(1900, 2024))),
    "places": "浙江 江苏 广东 北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 安徽 福建 江西 山东",
    "pinyin without end": "zhong" * 100,
    "initials": "bcdfghjklmnpqrstvwxyz" * 20,
    "almost a word": "furniturf certificatf companz standarf",
    "idle words": "the of and a in on for to is are which what who",
    "filters and nothing": "北京 百年 老字号 撤销 2024年 三星 证书",
}


def measure(
    ask: Callable[[Query], object], forget: Callable[[], None], usual: Iterable[Query]
) -> dict[str, float]:
    """Kind → the median of its answers, as a multiple of the 99th percentile of the usual queries; prints the worst."""
    times = [_time(ask, forget, query) for query in usual for _repeat in range(REPEATS)]
    border = statistics.quantiles(times, n=100)[98]
    ratios = {}
    for kind, text in HOSTILE.items():
        query = Query(text[:500], facets=FACETS)
        ratios[kind] = statistics.median(_time(ask, forget, query) for _repeat in range(REPEATS)) / border
    worst = sorted(ratios, key=lambda kind: -ratios[kind])
    print(f"\nhostile questions: {len(ratios)} kinds, against 99 of 100 usual ones ({border:.2f} ms)")
    for kind in worst[:8]:
        print(
            f"{kind:36} {ratios[kind]:8.2f} times (goal at most {LIMIT}{'' if ratios[kind] <= LIMIT else ', missed'})"
        )
    return ratios


def _time(ask: Callable[[Query], object], forget: Callable[[], None], query: Query) -> float:
    forget()
    started = time.perf_counter()
    ask(query)
    return (time.perf_counter() - started) * 1000
