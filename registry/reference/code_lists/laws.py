"""Laws and rules that decisions rest on: their titles in English, and citations with article and paragraph."""

from __future__ import annotations

import functools
import re

from registry.reference.code_lists.tables import read_rows

NAME_OF_THE_STATE = "中华人民共和国"
NAME_IN_ENGLISH = " of the People's Republic of China"
TITLE = re.compile(r"《([^《》]+(?:《[^《》]*》[^《》]*)*)》")
FIGURES = "零〇一二三四五六七八九十百千两0-9"
# 第二十七条之一第二款第（三）项; the word 第 may be missing before paragraph and item.
ARTICLE = re.compile(
    rf"第?([{FIGURES}]+)条(?:之([{FIGURES}]+))?(?:第?([{FIGURES}]+)款)?(?:第?[（(]?([{FIGURES}]+)[）)]?项)?"
)
BETWEEN_ARTICLES = re.compile(r"\s*[、，,和及]\s*")
BETWEEN_LAWS = re.compile(r"\s*[；;、，,。和及]\s*")
DOCUMENT_NUMBER = re.compile(r"[（(〔\[]([^（()）]*〔?\d{4}〕?[^（()）]*)[）)〕\]]")
DRAFT = re.compile(r"[（(]征求意见稿[）)]$")
REVISION = re.compile(r"[（(](\d{4})年?(?:修订|修正|版)?[）)]$")
BATCH = re.compile(rf"[（(]第([{FIGURES}]+)批[）)]$")
DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
POWERS = {"十": 10, "百": 100, "千": 1000}


@functools.cache
def _titles() -> dict[str, str]:
    return {row["zh"]: row["en"] for row in read_rows("laws")}


def law_in_english(title: str) -> str:
    """The English title of a law by its Chinese one, with or without the name of the state; "" for an unknown law."""
    title = title.strip()
    if draft := DRAFT.search(title):
        name = law_in_english(title[: draft.start()])
        return f"{name} (draft for comment)" if name else ""
    if batch := BATCH.search(title):
        name = law_in_english(title[: batch.start()])
        return f"{name} (batch {number_of(batch[1])})" if name else ""
    if revision := REVISION.search(title):
        name = law_in_english(title[: revision.start()])
        return f"{name} ({revision[1]})" if name else ""
    titles = _titles()
    if title in titles:
        return titles[title]
    full = titles.get(NAME_OF_THE_STATE + title, "")
    return full.replace(NAME_IN_ENGLISH, "")


def number_of(written: str) -> int:
    """A number in Chinese or other figures: 二十七, 一百零三, 27. It is read as far as it makes sense."""
    if written.isascii():
        return int(written)
    total = digit = 0
    for sign in written:
        if sign in POWERS:
            total += (digit or 1) * POWERS[sign]
            digit = 0
        else:
            digit = DIGITS.get(sign, int(sign) if sign.isdecimal() else 0)
    return total + digit


@functools.lru_cache(1024)
def legal_basis_in_english(written: str) -> str:
    """A legal basis in English: `《中华人民共和国标准化法》第二十七条` as the law's title with `Article 27`.

    Several are separated by semicolons. Gives "" unless every law and every word is known.
    """
    bases: list[str] = []
    position = 0
    while position < len(written):
        if skipped := BETWEEN_LAWS.match(written, position):
            if skipped.end() == position:
                return ""
            position = skipped.end()
            continue
        found = TITLE.match(written, position)
        name = law_in_english(found[1]) if found else ""
        if found is None or not name:
            return ""
        position = found.end()
        if number := DOCUMENT_NUMBER.match(written, position):
            revision = REVISION.fullmatch(number[0])
            name, position = f"{name} ({revision[1] if revision else number[1]})", number.end()
        articles, position = _articles(written, position)
        bases.append(", ".join([name, *articles]))
    return "; ".join(bases)


def _articles(written: str, position: int) -> tuple[list[str], int]:
    """The articles cited from a position on, and where they end."""
    articles: list[str] = []
    while article := ARTICLE.match(written, position):
        articles.append(_article(article))
        position = article.end()
        following = BETWEEN_ARTICLES.match(written, position)
        if following is None or not ARTICLE.match(written, following.end()):
            break
        position = following.end()
    if len(articles) > 1:
        return [f"Articles {', '.join(articles[:-1])} and {articles[-1]}"], position
    return [f"Article {article}" for article in articles], position


def _article(match: re.Match[str]) -> str:
    """`27(2)(3)` for article 27, paragraph 2, item 3."""
    article, inserted, paragraph, item = match.groups()
    number = str(number_of(article)) + (f"-{number_of(inserted)}" if inserted else "")
    return number + "".join(f"({number_of(part)})" for part in (paragraph, item) if part)
