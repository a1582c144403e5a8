"""Messages use the plain words of a public service in both languages: no phrase that readers stumbled over comes back."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from registry.i18n import TRANSLATIONS
from tests.shared_data import SHARED, needs_shared

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{[^{}]*\}")

# What stands there → why it is wrong. English source strings.
ENGLISH = {
    r"\b(he|him|his|himself|she|hers?|herself)\b": "a person is “they”",
    r"\b(in vain|whoever|whomsoever|once more|at once|anew|nobody|heretofore|thereof|hereby)\b": "bookish",
    r"\bnobody must\b|\bneeds? you\b|\bkeeps? you from\b|\bmay never\b": "says something else than is meant",
    r"\b(48|72|96|120|144|168) hours\b": "whole days are counted in days",
    r"\brest on\b|\blooked after\b|\bhand(ed|s)? (it )?in\b|\bstands on\b": "not what one says of records",
    r"\bwords of searches\b|\bgaps and doubts of\b|\bcoverage and gaps\b": "a name that tells a reader nothing",
}
# The same of Chinese texts.
CHINESE = {
    r"散列|杂凑|信息摘要": "一个概念一个词：哈希值",
    r"覆盖与缺口|写入时间|据来源载入|来源未载|悄悄|仍然属实|使用这条记录|如此显示|凭据": "不是母语读者的说法",
    r"(?<!\d)(48|72|96|120|144|168) ?小时": "整天数用“天”",
    r"[\u4e00-\u9fff][,;!?]|[\u4e00-\u9fff]:(?!\d)|[\u4e00-\u9fff]\(|\)[\u4e00-\u9fff]": "中文用全角标点",
    r"。。|，，|；；|、、|。，": "标点重复",
    r"(?<!您)你(?!好)": "称呼一律用“您”",
    r"本站|本库|登记系统|本登记(?=[未尚接])": "一个概念一个词：本平台",
    r"运营方|主管机构": "一个概念一个词：运营单位",
    r"标准名录|[此本]名录": "一个概念一个词：登记册",
    r"更新的来源": "有歧义（更新过的？更晚的？）：更晚的来源",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (TRANSLATIONS / "zh" / "LC_MESSAGES" / "registry.po").open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


def _texts(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Yield each message in English and in Chinese, plural forms apart."""
    for message in catalogue:
        if message.id:
            english = [message.id] if isinstance(message.id, str) else message.id
            chinese = [message.string] if isinstance(message.string, str) else message.string
            yield " / ".join(english), " / ".join(chinese)


def _offences(texts: list[str], rules: dict[str, str]) -> list[str]:
    return [
        f"{text[:120]} – {why}"
        for text in texts
        for pattern, why in rules.items()
        if re.search(pattern, PLACEHOLDER.sub("", text), re.IGNORECASE)
    ]


def test_english_messages_are_plain(catalogue: Catalog) -> None:
    assert _offences([english for english, _chinese in _texts(catalogue)], ENGLISH) == []


def test_chinese_messages_are_plain(catalogue: Catalog) -> None:
    assert _offences([chinese for _english, chinese in _texts(catalogue)], CHINESE) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Its holder can show that his is the text", ENGLISH),
        ("It works within 168 hours", ENGLISH),
        ("文件的散列值", CHINESE),
        ("编号有误,请核对", CHINESE),
        ("请你核对", CHINESE),
        ("本站未收录更晚的来源", CHINESE),
        ("运营方已注册账户", CHINESE),
    ],
)
def test_the_rules_notice(text: str, rules: dict[str, str]) -> None:
    assert _offences([text], rules)


@pytest.mark.parametrize("text", ["Within 24 hours", "This", "The", "09:52（北京时间）", "您好"])
def test_the_rules_let_good_words_pass(text: str) -> None:
    assert not _offences([text], ENGLISH | CHINESE)


@needs_shared
def test_no_phrase_that_readers_stumbled_over_is_left(catalogue: Catalog) -> None:
    lines = (SHARED / "cases" / "wording.md").read_text(encoding="utf-8").splitlines()
    cells = [
        next(csv.reader([line.strip("| ")], delimiter="|"))[0].strip()
        for line in lines
        if line.startswith("| ")
    ]
    phrases = {part.strip() for cell in cells for part in cell.split(" / ") if _is_phrase(part.strip())}
    assert len(phrases) > 10  # the table was read
    texts = "\n".join(f"{english}\n{chinese}" for english, chinese in _texts(catalogue))
    assert [phrase for phrase in phrases if phrase in texts] == []


def _is_phrase(text: str) -> bool:
    """True for a phrase of the table that is wrong wherever it stands: no single word, no remark, no placeholder."""
    if re.search(r"[\u4e00-\u9fff]", text):
        return len(text) >= 4 and not re.search(r"[“”（(0-9]", text)
    return text.count(" ") >= 2 and "…" not in text and "“" not in text
