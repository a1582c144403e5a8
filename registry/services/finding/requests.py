"""What is searched for: the words, filters and order of a list, as an address says them and a saved search keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from registry.errors import Invalid
from registry.i18n import _, gettext
from registry.kit.issues import Issue
from registry.reference.text import sparse_dates
from registry.services.finding.facets import facet_label, facet_value_words
from registry.services.records.facet_names import available_facets

MAX_QUERY_LENGTH = 500
PAGE_SIZE = 20
SORTS = ("relevance", "date", "-date", "name", "rank")
MAX_FILTER_VALUES = 50  # of one filter: more than any facet shows
MAX_VALUE_LENGTH = 100
FROM_PARAMETER, TO_PARAMETER, AS_WORDS_PARAMETER = "from", "to", "as_words"
QueryPair = tuple[str, str]


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
    size: int = PAGE_SIZE
    include_ended: bool = False
    as_words: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def date_range(self) -> tuple[int, int]:
        """The first and the last day as numbers (20240131); 0 where there is none. Raises `Invalid` naming `from`, `to`."""
        ends, issues = [], []
        for name, typed in ((FROM_PARAMETER, self.since), (TO_PARAMETER, self.until)):
            try:
                ends.append(_date_number(typed, last=name == TO_PARAMETER))
            except sparse_dates.DateError as problem:
                issues.append(Issue(problem.code, name, {"value": typed[:40]}))
        if not issues and ends[1] and ends[0] > ends[1]:
            issues.append(
                Issue("ends_before_start", TO_PARAMETER, {"start": self.since[:40], "end": self.until[:40]})
            )
        if issues:
            raise Invalid(tuple(issues))
        return ends[0], ends[1]

    def query_pairs(self) -> tuple[QueryPair, ...]:
        """It as the pairs of an address, without register and page."""
        pairs = [("q", self.q[:MAX_QUERY_LENGTH])] if self.q else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [
            (name, value)
            for name, value in ((FROM_PARAMETER, self.since), (TO_PARAMETER, self.until))
            if value
        ]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("ended", "1")] if self.include_ended else []
        pairs += [(AS_WORDS_PARAMETER, word) for word in self.as_words]
        return tuple(pairs)

    def query_string(self) -> str:
        """The query of its address."""
        return urlencode(self.query_pairs())


def _date_number(typed: str, *, last: bool) -> int:
    if not typed:
        return 0
    # Records may name no more than a year too, kept as 20240000: who asks from 2024 on means those as well.
    return int(sparse_dates.parse(typed).replace("-", "").ljust(8, "9" if last else "0"))


def parse_request(register: str, pairs: Iterable[QueryPair]) -> SearchRequest:
    """The search that the pairs of an address ask for; what is not understood is left out."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)

    def one(name: str) -> str:
        return given.get(name, [""])[0]

    filters = {}
    for name in (*available_facets(register), "linked"):
        values = dict.fromkeys(
            value.strip()[:MAX_VALUE_LENGTH] for value in given.get(name, ())[:MAX_FILTER_VALUES]
        )
        if chosen := tuple(value for value in values if value):
            filters[name] = chosen
    page = one("page")
    return SearchRequest(
        q=" ".join(one("q").split()),
        register=register,
        filters=filters,
        sort=one("sort") if one("sort") in SORTS else "",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        include_ended=one("ended") == "1",
        as_words=tuple(
            dict.fromkeys(
                word[:MAX_VALUE_LENGTH] for word in given.get(AS_WORDS_PARAMETER, ())[:MAX_FILTER_VALUES]
            )
        ),
        since=one(FROM_PARAMETER).strip()[:40],
        until=one(TO_PARAMETER).strip()[:40],
    )


def parse_saved_query(register: str, query: str) -> SearchRequest:
    """The search of a query that was kept."""
    return parse_request(register, parse_qsl(query))


def describe_request(request: SearchRequest, lang: str) -> str:
    """A search in words: its text, register and filters."""
    parts = [request.q] if request.q else []
    if request.register:
        parts.append(gettext(facet_value_words("", "register", request.register).en, lang))
    for name, values in request.filters.items():
        words = [facet_value_words(request.register, name, value) for value in values]
        shown = [
            gettext(each.en, lang)
            if name == "register"
            else (each.zh if lang == "zh" else each.en or each.zh)
            for each in words
        ]
        parts.append(
            gettext(facet_label(request.register, name), lang) + gettext(_(": "), lang) + " / ".join(shown)
        )
    for label, day in ((_("From"), request.since), (_("To"), request.until)):
        if day:
            parts.append(gettext(label, lang) + gettext(_(": "), lang) + day)
    return gettext(_(", "), lang).join(parts) or gettext(_("All registers"), lang)
