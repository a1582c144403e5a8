"""What is searched for: the words, filters and order of a list, as an address says them and a saved search keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from registry.errors import Invalid
from registry.i18n import _, gettext
from registry.kit.issues import Issue
from registry.reference.text import sparse_dates
from registry.services.finding.facets import facet_label, facets_of, value_words

LONGEST_QUERY = 500
PAGE = 20
SORTS = ("relevance", "date", "-date", "name", "rank")
MOST_VALUES = 50  # of one filter: more than any facet shows
LONGEST_VALUE = 100
FROM, TO, AS_WORDS = "from", "to", "as_words"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as a door understood it. `filters`: facet → chosen values (any of them); `register` narrows.

    `as_words`: what is not to be understood as a filter. `since`, `until`: dates as they were typed, a day, a month or a
    year; both ends count.
    """

    q: str = ""
    register: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = PAGE
    ended: bool = False
    as_words: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def days(self) -> tuple[int, int]:
        """The first and the last day as numbers (20240131); 0 where there is none. Raises `Invalid` naming `from`, `to`."""
        ends, issues = [], []
        for name, typed in ((FROM, self.since), (TO, self.until)):
            try:
                ends.append(_day(typed, last=name == TO))
            except sparse_dates.DateError as problem:
                issues.append(Issue(problem.code, name, {"value": typed[:40]}))
        if not issues and ends[1] and ends[0] > ends[1]:
            issues.append(Issue("ends_before_start", TO, {"start": self.since[:40], "end": self.until[:40]}))
        if issues:
            raise Invalid(tuple(issues))
        return ends[0], ends[1]

    def pairs(self) -> tuple[Pair, ...]:
        """It as the pairs of an address, without register and page."""
        pairs = [("q", self.q[:LONGEST_QUERY])] if self.q else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [(name, value) for name, value in ((FROM, self.since), (TO, self.until)) if value]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("ended", "1")] if self.ended else []
        pairs += [(AS_WORDS, word) for word in self.as_words]
        return tuple(pairs)

    def query(self) -> str:
        """The query of its address."""
        return urlencode(self.pairs())


def _day(typed: str, *, last: bool) -> int:
    if not typed:
        return 0
    # Records may name no more than a year too, kept as 20240000: who asks from 2024 on means those as well.
    return int(sparse_dates.parse(typed).replace("-", "").ljust(8, "9" if last else "0"))


def understood(register: str, pairs: Iterable[Pair]) -> SearchRequest:
    """The search that the pairs of an address ask for; what is not understood is left out."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)

    def one(name: str) -> str:
        return given.get(name, [""])[0]

    filters = {}
    for name in (*facets_of(register), "linked"):
        values = dict.fromkeys(value.strip()[:LONGEST_VALUE] for value in given.get(name, ())[:MOST_VALUES])
        if chosen := tuple(value for value in values if value):
            filters[name] = chosen
    page = one("page")
    return SearchRequest(
        q=" ".join(one("q").split()),
        register=register,
        filters=filters,
        sort=one("sort") if one("sort") in SORTS else "",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        ended=one("ended") == "1",
        as_words=tuple(dict.fromkeys(word[:LONGEST_VALUE] for word in given.get(AS_WORDS, ())[:MOST_VALUES])),
        since=one(FROM).strip()[:40],
        until=one(TO).strip()[:40],
    )


def read(register: str, query: str) -> SearchRequest:
    """The search of a query that was kept."""
    return understood(register, parse_qsl(query))


def in_words(asked: SearchRequest, lang: str) -> str:
    """A search in words: its text, register and filters."""
    parts = [asked.q] if asked.q else []
    if asked.register:
        parts.append(gettext(value_words("", "register", asked.register).en, lang))
    for name, values in asked.filters.items():
        words = [value_words(asked.register, name, value) for value in values]
        shown = [
            gettext(each.en, lang)
            if name == "register"
            else (each.zh if lang == "zh" else each.en or each.zh)
            for each in words
        ]
        parts.append(
            gettext(facet_label(asked.register, name), lang) + gettext(_(": "), lang) + " / ".join(shown)
        )
    for label, day in ((_("From"), asked.since), (_("To"), asked.until)):
        if day:
            parts.append(gettext(label, lang) + gettext(_(": "), lang) + day)
    return gettext(_(", "), lang).join(parts) or gettext(_("All registers"), lang)
