"""What the finding room hands to the doors: frozen views of a page of results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.kit.display import Words
from registry.services.finding.explanations import ExplanationView
from registry.services.records.views import NotFoundView, ResultRowView

OPEN_FACETS = 4  # that a list shows without being asked


@dataclass(frozen=True, slots=True)
class FacetValueView:
    """A value of a facet with the number of records that have it, and of invented ones among them (`demo`).

    `chosen`: the list is narrowed by it.
    """

    value: str
    zh: str
    en: str
    count: int
    chosen: bool
    message: bool = False  # `en` is a message id (register names)
    demo: int = 0
    children: tuple[FacetValueView, ...] = ()  # the values below it, of a facet whose values are a tree

    @property
    def opened(self) -> bool:
        """True if the list is narrowed by a value below this one."""
        return any(child.chosen or child.opened for child in self.children)


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet with its values, those of the top where they are a tree. `name`: query parameter; `label`: message id.

    `first`: those that are always shown, chosen ones among them; `more`: the others. `unstated`: the records that do not
    say. `find`: what is looked for among the values; `is_long`: there are so many that this is worth while.
    """

    name: str
    label: str
    first: tuple[FacetValueView, ...]
    more: tuple[FacetValueView, ...] = ()
    unstated: FacetValueView | None = None
    find: str = ""
    is_long: bool = False

    @property
    def values(self) -> tuple[FacetValueView, ...]:
        return (*self.first, *self.more, *((self.unstated,) if self.unstated else ()))


@dataclass(frozen=True, slots=True)
class ChosenFilterView:
    """A filter that the reader chose. `label`: message id; `name` and `value`: the query parameter.

    `is_possible`: False for a value that the filter does not have, so that no record can match.
    """

    label: str
    words: Words
    name: str
    value: str
    is_possible: bool = True


@dataclass(frozen=True, slots=True)
class InferredFilterView:
    """Words of a search that were taken for a filter. `label`: message id; `values`: (value, words)."""

    typed: str
    name: str
    label: str
    values: tuple[tuple[str, Words], ...]


@dataclass(frozen=True, slots=True)
class BroaderSearchView:
    """The search without some of its words. `query`: what is left of it; `total`: how many records that finds."""

    left_out: str
    query: str
    total: int


@dataclass(frozen=True, slots=True)
class NumberPartsView:
    """Of a text with several numbers the one that names the first records, and those before it that no record has."""

    found: str
    not_held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultsView:
    """A page of results, with the facets and what was understood of the search."""

    query: str
    query_truncated: bool  # the query was longer than 500 characters
    total: int
    demo_total: int  # of invented records among them
    rows: tuple[ResultRowView, ...]
    facets: tuple[FacetView, ...]
    chosen_filters: tuple[ChosenFilterView, ...]
    did_you_mean: tuple[str, ...]
    page: int
    pages: int
    size: int
    first: int
    sort: str
    ended: bool  # ended records are included
    ended_hidden: int  # how many ended records would match as well
    may_rank: bool = False  # the records may be ordered by grade: all are of one scale
    index_stale: bool = False  # the index is missing or behind: said on the page
    relaxed: bool = False  # nothing has all that was asked for: the rows only come near it
    inferred_filters: tuple[InferredFilterView, ...] = ()
    broader_searches: tuple[BroaderSearchView, ...] = ()
    since: str = ""  # dates as they were typed
    until: str = ""
    parameter_errors: Mapping[str, str] = field(default_factory=dict)  # parameter → what is wrong, in words
    places_not_held: tuple[Words, ...] = ()  # places in the text of which there is no record
    most_words: bool = False  # relaxed, and the rows have most of the words
    explanation: ExplanationView | None = None  # why the rows stand where they do
    number: NotFoundView | None = None  # the text is a number that names no record
    number_parts: NumberPartsView | None = None
    product_path: str = ""  # of the product whose barcode was typed, without language
    date_label: str = ""  # message id of a range of dates
    founded: tuple[str, str] | None = (
        None  # years of foundation as they were typed; None where there are none
    )

    @property
    def applied(self) -> int:
        """How many filters the reader has set; words that were taken for filters do not count."""
        dates = 0 if self.parameter_errors else bool(self.since) + bool(self.until)
        return len(self.chosen_filters) + dates + self.ended

    @property
    def open_facets(self) -> tuple[FacetView, ...]:
        """The facets that are shown without being asked for; years are a range of dates besides."""
        return self._facets_without_years[:OPEN_FACETS]

    @property
    def folded_facets(self) -> tuple[FacetView, ...]:
        """The other facets."""
        return self._facets_without_years[OPEN_FACETS:]

    @property
    def folded_applied(self) -> bool:
        """True if one of the folded facets narrows the list."""
        names = {facet.name for facet in self.folded_facets}
        return any(chosen.name in names for chosen in self.chosen_filters)

    @property
    def _facets_without_years(self) -> tuple[FacetView, ...]:
        return tuple(facet for facet in self.facets if facet.name != "year")

    @property
    def finding_values(self) -> bool:
        """True if values of a facet are looked for."""
        return any(facet.find for facet in self.facets)

    @property
    def common_synonyms(self) -> tuple[tuple[str, str], ...]:
        """The pairs of synonyms by which every row is found: said once for all of them."""
        if len(self.rows) < 2 or any(row.near_match for row in self.rows):
            return ()
        return tuple(
            pair
            for pair in self.rows[0].synonym_matches
            if all(pair in row.synonym_matches for row in self.rows)
        )
