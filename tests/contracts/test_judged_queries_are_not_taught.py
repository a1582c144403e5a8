"""No judged query stands as a whole in a list of the code: search learns the language, not the examples."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from registry.kit import kinds
from registry.reference.text.folding import fold_name
from registry.registers import catalogue
from registry.search.analysis.tokens import fold_text, is_chinese, split_runs
from tests.bench.judged import SHEETS, judged_queries
from tests.shared_data import needs_shared, sheet

ROOT = Path(__file__).resolve().parents[2]
LISTS = (".txt", ".csv", ".json", ".toml")
BETWEEN_NAMES = re.compile(r"[|;；]")
BETWEEN_ITEMS = re.compile(r"[/=,;|\t\"\n]")
MIN_CHINESE = 4  # characters of a query of one word that is no everyday word
NOT_SEARCHED_BY = (
    "reference/lexicon/",  # made by a script from a published dictionary, not by hand
    "demonstration",  # records
    "common_words.csv",  # the registry's English of goods, for pages
)


def words_of(text: str) -> str:
    """Return a text as its words, one blank between them, however it was written."""
    return " ".join(split_runs(text))


def items_of_the_code() -> Iterator[tuple[str, str]]:
    """Yield (file, text) of every text in the code, and of every item of the lists beside it."""
    for package in ("registry", "portal"):
        for path in (ROOT / package).rglob("*"):
            name = str(path.relative_to(ROOT))
            if any(each in name for each in NOT_SEARCHED_BY):
                continue
            if path.suffix == ".py":
                nodes = ast.walk(ast.parse(path.read_text("utf-8")))
                constants = (node.value for node in nodes if isinstance(node, ast.Constant))
                texts = [value for value in constants if isinstance(value, str)]
            else:
                texts = [path.read_text("utf-8-sig")] if path.suffix in LISTS else []
            for text in texts:
                yield from ((name, item) for item in BETWEEN_ITEMS.split(text))


def official_words() -> set[str]:
    """Return the words of the registers' own codes: what they are called, not what they are searched by."""
    fields = [field for each in catalogue().values() for field in each.schema.register_fields().values()]
    inner = [field.inner if isinstance(field, kinds.Many) else field for field in fields]
    codes = [code for field in inner if isinstance(field, kinds.Choice) for code in field.codes]
    return {words_of(word) for code in codes for word in (code.zh, code.en)}


def is_telling(text: str) -> bool:
    """Return True for several words, or four Chinese characters and more: not a word that any list may hold."""
    return len(split_runs(text)) > 1 or (is_chinese(fold_text(text)) and len(fold_name(text)) >= MIN_CHINESE)


@needs_shared
def test_no_judged_query_stands_in_a_list() -> None:
    of_records = {
        words_of(part)
        for slug in SHEETS
        for row in sheet(slug)
        for value in row.values()
        for part in BETWEEN_NAMES.split(value or "")
    }
    asked = {words_of(query.text): query.id for query in judged_queries() if is_telling(query.text)}
    for known in of_records | official_words():
        asked.pop(known, None)
    assert asked
    taught = {
        (asked[words], name, item.strip())
        for name, item in items_of_the_code()
        if (words := words_of(item)) in asked
    }
    assert not taught
