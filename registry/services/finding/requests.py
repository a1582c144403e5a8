"""Search requests: the words, filters and order of a list, as a URL states them and a saved search stores them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from registry.errors import Invalid
from registry.i18n import _, gettext
from registry.kit.issues import Issue
from registry.reference.text import sparse_dates
from registry.search.analysis.ranges import parse_range, range_value
from registry.services.finding.facets import facet_value_words
from registry.services.finding.scope import SearchScope, search_scope
from registry.services.records.facets.facet_names import FOUNDED

MAX_QUERY_LENGTH = 500
PAGE_SIZE = 20
SORTS = ("relevance", "date", "-date", "name", "rank")
MAX_FILTER_VALUES = 50  # of one filter: more than any facet shows
MAX_VALUE_LENGTH = 100
MAX_DATE_LENGTH = 40
MAX_PAGE_DIGITS = 6
YEAR_DIGITS = 4
FROM_PARAMETER, TO_PARAMETER, AS_WORDS_PARAMETER = "from", "to", "as_words"
EXPLAIN_PARAMETER = "explain"
FOUNDED_PARAMETERS = ("founded_from", "founded_to")  # two fields of a form for the one filter
FIND_SUFFIX = ".find"  # behind the name of a facet: a text by which its values are looked for
MAX_FIND_LENGTH = 40
QueryPair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as a door understood it. `filters`: facet → chosen values, any of which may match.

    `as_words`: words that are not to be taken for filters. `since`, `until`: dates as they were typed, a day, a month
    or a year; both ends count. Pages are numbered from 1.
    """

    q: str = ""
    scope: SearchScope = field(default_factory=search_scope)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    include_ended: bool = False
    as_words: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    explain: bool = False  # why the results stand where they do is asked for
    find: Mapping[str, str] = field(
        default_factory=dict
    )  # facet → text that its values must have to be listed

    def date_range(self) -> tuple[int, int]:
        """Return the first and the last day as numbers (20240131); 0 where there is none.

        Raises `Invalid` with the fields `from` and `to`.
        """
        ends, issues = [], []
        for name, typed in ((FROM_PARAMETER, self.since), (TO_PARAMETER, self.until)):
            try:
                ends.append(date_number(typed, last=name == TO_PARAMETER))
            except sparse_dates.DateError as problem:
                issues.append(Issue(problem.code, name, {"value": typed[:MAX_DATE_LENGTH]}))
        if not issues and ends[1] and ends[0] > ends[1]:
            issues.append(
                Issue(
                    "ends_before_start",
                    TO_PARAMETER,
                    {"start": self.since[:MAX_DATE_LENGTH], "end": self.until[:MAX_DATE_LENGTH]},
                )
            )
        if issues:
            raise Invalid(tuple(issues))
        return ends[0], ends[1]

    def query_pairs(self) -> tuple[QueryPair, ...]:
        """Return the request as the parameters of a URL, without register and page."""
        dates = ((FROM_PARAMETER, self.since), (TO_PARAMETER, self.until))
        pairs = [("q", self.q[:MAX_QUERY_LENGTH])] if self.q else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [(name, value) for name, value in dates if value]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("ended", "1")] if self.include_ended else []
        pairs += [(AS_WORDS_PARAMETER, word) for word in self.as_words]
        return tuple(pairs)

    def find_pairs(self) -> tuple[QueryPair, ...]:
        """Return what is looked for among the values of facets as the parameters of a URL."""
        return tuple((name + FIND_SUFFIX, typed) for name, typed in self.find.items())

    def founded_years(self) -> tuple[str, str] | None:
        """Return the ends of the range of years of foundation as a form shows them; None where records have no such year."""
        if not self.scope.has_founded:
            return None
        [typed, *_others] = self.filters.get(FOUNDED, ("",))
        if typed.isdecimal():
            return typed, typed
        since, _dots, until = typed.partition("..") if parse_range(typed) else ("", "", "")
        return since, until

    def query_string(self) -> str:
        """Return `query_pairs` as the query part of a URL."""
        return urlencode(self.query_pairs())


def date_number(typed: str, *, last: bool) -> int:
    """Return a sparse date as a number, by its first or its last day; 0 for none. Raises `DateError`."""
    if not typed:
        return 0
    # Records may state no more than a year, stored as 20240000: a search from 2024 on means those as well.
    return int(sparse_dates.parse(typed).replace("-", "").ljust(8, "9" if last else "0"))


def parse_request(scope: SearchScope, pairs: Iterable[QueryPair]) -> SearchRequest:
    """Return the search that the parameters of a URL ask for; what is not understood is left out."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)

    def first(name: str) -> str:
        return given.get(name, [""])[0]

    filters = {}
    for name in (*scope.facets, *scope.further):
        values = dict.fromkeys(
            value.strip()[:MAX_VALUE_LENGTH] for value in given.get(name, ())[:MAX_FILTER_VALUES]
        )
        if chosen := tuple(value for value in values if value):
            filters[name] = chosen
    if founded := _range_of_years(*(first(name).strip() for name in FOUNDED_PARAMETERS)):
        filters[FOUNDED] = (founded,)
    as_words = given.get(AS_WORDS_PARAMETER, ())[:MAX_FILTER_VALUES]
    return SearchRequest(
        q=" ".join(first("q").split()),
        scope=scope,
        filters=filters,
        sort=first("sort") if first("sort") in SORTS else "",
        page=_page_number(first("page")),
        include_ended=first("ended") == "1",
        as_words=tuple(dict.fromkeys(word[:MAX_VALUE_LENGTH] for word in as_words)),
        since=first(FROM_PARAMETER).strip()[:MAX_DATE_LENGTH],
        until=first(TO_PARAMETER).strip()[:MAX_DATE_LENGTH],
        explain=first(EXPLAIN_PARAMETER) == "1",
        find={
            name: typed[:MAX_FIND_LENGTH]
            for name in scope.facets
            if (typed := first(name + FIND_SUFFIX).strip())
        },
    )


def _range_of_years(since: str, until: str) -> str:
    """Return the value of a filter by two years as they were typed, "" where neither is one."""
    first, last = (
        int(year) if year.isascii() and year.isdecimal() and len(year) <= YEAR_DIGITS else 0
        for year in (since, until)
    )
    return range_value(first, last) if first or last else ""


def _page_number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= MAX_PAGE_DIGITS else 1


def parse_saved_query(register: str, query: str) -> SearchRequest:
    """Return the search of a stored query string. Raises `NotFound` for a register that does not exist."""
    return parse_request(search_scope(register), parse_qsl(query))


def describe_request(request: SearchRequest, lang: str) -> str:
    """Return a search in words of the language: its text, register, filters and dates."""
    scope = request.scope
    parts = [request.q] if request.q else []
    if scope.register:
        parts.append(gettext(facet_value_words(scope, "register", scope.register).en, lang))
    for name, values in request.filters.items():
        words = [facet_value_words(scope, name, value, request.filters) for value in values]
        texts = [gettext(each.en, lang) if name == "register" else each.in_language(lang) for each in words]
        parts.append(gettext(scope.labels[name], lang) + gettext(_(": "), lang) + " / ".join(texts))
    for label, day in ((_("From"), request.since), (_("To"), request.until)):
        if day:
            parts.append(gettext(label, lang) + gettext(_(": "), lang) + day)
    return gettext(_(", "), lang).join(parts) or gettext(_("All registers"), lang)
