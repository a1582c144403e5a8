"""The charts of a register, or of all: what is counted, in which order, and the list behind each number.

They follow from the definition of the register: its states, region, dates, facets, grading schemes, issuer and groupings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.grading import Scheme
from registry.kit.life_cycle import STANDINGS, State
from registry.reference.code_lists import regions
from registry.registers import catalogue
from registry.search.analysis.document import ORIGIN_FACET, UNSTATED
from registry.search.analysis.ranges import range_value
from registry.services.finding.facets import facet_value_words
from registry.services.finding.scope import SearchScope, search_scope
from registry.services.records.facets.facet_names import (
    ANY_CAUTION,
    CAUTION,
    FOUNDED,
    ISSUER,
    MONTH,
    own_facets,
)
from registry.services.statistics.tallies import Filters, Tallies, Tally
from registry.services.statistics.views import ChartView, CountView, ShareView

MAX_BARS = 12  # values of a chart; the rest is told as one number
MONTHS_SHOWN = 12
MAX_YEARS = 24  # that are shown one by one; more are shown by decades
YEARS_OF_DECADE = 10
# Ages in years with which the bars of "age" begin, the oldest first.
AGES = (300, 200, 150, 100, 70, 50, 0)
BADGE_OF_STANDING = {"in_force": "live", "restricted": "hold", "pending": "soon", "ended": "past"}
OTHERS = "others"
Pairs = Sequence[tuple[str, str]]
IssuerNames = Callable[[Sequence[str]], Mapping[str, Words]]


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted: the records of one origin in one register (None: in all), as of a day.

    `has_lists`: lists show the same records, so that numbers lead to them. `issuer_names`: number → name of a body.
    """

    tallies: Tallies
    definition: RegisterDefinition | None
    origin: str
    day: dt.date
    has_lists: bool
    issuer_names: IssuerNames

    @property
    def scope(self) -> SearchScope:
        return search_scope(self.definition.slug if self.definition else "")

    @property
    def base(self) -> dict[str, tuple[str, ...]]:
        """The filters of every number."""
        own = {"register": (self.definition.slug,)} if self.definition else {}
        return {**own, ORIGIN_FACET: (self.origin,)}

    def count(self, filters: Filters, facets: Sequence[str] = ()) -> Tally:
        """Return the tally of the records that pass these filters too."""
        return self.tallies.count({**self.base, **filters}, facets)

    def path(self, pairs: Pairs, number: int) -> str:
        """Return the path of the list behind a number, without the language; "" for none and for nothing."""
        if not (self.has_lists and number):
            return ""
        page = self.definition.slug if self.definition else "search"
        query = [*pairs, ("ended", "1"), (ORIGIN_FACET, self.origin)]
        return f"/{page}?{urlencode(query)}"

    def unknown_path(self, tally: Tally, name: str, number: int) -> str:
        """Return the path of the list of those that do not say; "" where lists do not know just these as such."""
        is_listed = tally.facets[name].get(UNSTATED, 0) == number
        return self.path(((name, UNSTATED),), number) if is_listed else ""


def standing_counts(counting: Counting, tally: Tally) -> tuple[CountView, ...]:
    """Return how many records have each standing."""
    numbers = tally.facets["standing"]
    return tuple(
        CountView(
            standing,
            facet_value_words(counting.scope, "standing", standing),
            numbers.get(standing, 0),
            counting.path((("standing", standing),), numbers.get(standing, 0)),
            BADGE_OF_STANDING[standing],
        )
        for standing in STANDINGS
    )


def counted_facets(definition: RegisterDefinition | None) -> tuple[str, ...]:
    """Return the facets that the charts of a register need, all counted together."""
    common = ("standing", "status", "region", "year", MONTH)
    if definition is None:
        return (*common, "register")
    groupings = (each.name for each in definition.statistics.groupings)
    names = (*common, *own_facets(definition), FOUNDED, ISSUER, *groupings)
    return tuple(dict.fromkeys(names))


def charts_of(counting: Counting, tally: Tally) -> tuple[ChartView, ...]:
    """Return the charts, those without a single record to tell of left out, save state, region and months."""
    definition = counting.definition
    charts = [_region_chart(counting, tally), _month_chart(counting, tally)]
    if definition is None:
        charts.append(_register_chart(counting, tally))
    else:
        charts.append(_status_chart(counting, tally))
    charts.append(_year_chart(counting, tally))
    if definition is not None:
        charts += _own_charts(counting, tally, definition)
    return tuple(chart for chart in charts if chart.counts)


def shares_of(counting: Counting) -> tuple[ShareView, ...]:
    """Return the shares of a register, each with the numbers of both its parts."""
    definition = counting.definition
    if definition is None:
        return ()
    shares = [
        _share(counting, each.name, each.title, each.about, part=each.part, whole=each.whole)
        for each in definition.statistics.shares
    ]
    if CAUTION in own_facets(definition) and counting.has_lists:
        shares.append(
            _share(
                counting,
                CAUTION,
                _("In force, with a caution beside the status"),
                _(
                    "A caution says what a reader must know beside the status, such as a deadline that has passed."
                ),
                part={"standing": ("in_force",), CAUTION: (ANY_CAUTION,)},
                whole={"standing": ("in_force",)},
            )
        )
    return tuple(shares)


def _share(
    counting: Counting, name: str, title: str, about: str, *, part: Filters, whole: Filters
) -> ShareView:
    part_number, whole_number = counting.count(part).total, counting.count(whole).total
    return ShareView(
        name,
        title,
        about,
        part_number,
        whole_number,
        counting.path(_pairs(part), part_number),
        counting.path(_pairs(whole), whole_number),
    )


def _pairs(filters: Filters) -> list[tuple[str, str]]:
    return [(name, value) for name, values in filters.items() for value in values]


def _region_chart(counting: Counting, tally: Tally) -> ChartView:
    numbers = tally.facets["region"]
    # Registered at national level: in no province, and not unknown either.
    national = [regions.all_regions()[regions.NATIONAL]] if numbers.get(regions.NATIONAL) else []
    counts = tuple(
        CountView(
            province.code,
            Words(
                regions.short_label(province.code, "zh"),
                regions.short_label(province.code, "en"),
                "official",
            ),
            numbers.get(province.code, 0),
            counting.path((("region", province.code),), numbers.get(province.code, 0)),
        )
        for province in (*regions.provinces(), *national)
    )
    unknown = tally.total - sum(each.count for each in counts)
    return ChartView(
        "region",
        "map",
        _("By province"),
        counts,
        tally.total,
        unknown,
        unknown_path=counting.unknown_path(tally, "region", unknown),
    )


def _register_chart(counting: Counting, tally: Tally) -> ChartView:
    numbers = tally.facets["register"]
    counts = tuple(
        CountView(
            slug,
            Words(definition.label, definition.label),
            numbers.get(slug, 0),
            counting.path((("register", slug),), numbers.get(slug, 0)),
        )
        for slug, definition in catalogue().items()
    )
    return ChartView("register", "bars", _("By register"), counts, tally.total)


def _status_chart(counting: Counting, tally: Tally) -> ChartView:
    assert counting.definition is not None
    states = counting.definition.life_cycle.public_states()
    return ChartView(
        "status", "bars", _("By status"), _counts_of_states(counting, tally, states), tally.total
    )


def _counts_of_states(counting: Counting, tally: Tally, states: Iterable[State]) -> tuple[CountView, ...]:
    numbers = tally.facets["status"]
    return tuple(
        CountView(
            state.code,
            Words(state.zh, state.en),
            numbers.get(state.code, 0),
            counting.path((("status", state.code),), numbers.get(state.code, 0)),
            state.badge,
        )
        for state in states
    )


def _month_chart(counting: Counting, tally: Tally) -> ChartView:
    numbers = tally.facets[MONTH]
    months = _months_until(counting.day)
    counts = tuple(
        CountView(
            each,
            Words(f"{each[:4]}年{int(each[5:])}月", f"{dt.date.fromisoformat(each + '-01'):%b %Y}"),
            numbers.get(each, 0),
            counting.path((("from", each), ("to", each)), numbers.get(each, 0)),
            is_running=each == months[-1],
        )
        for each in months
    )
    shown = sum(each.count for each in counts)
    return ChartView(
        "month",
        "columns",
        _("The last twelve months"),
        counts if shown else (),
        shown,
        about=_date_label(counting.definition),
    )


def _months_until(day: dt.date) -> list[str]:
    """Return the last months up to that of a day as `YYYY-MM`, fewer where the calendar begins."""
    current = day.year * 12 + day.month - 1
    months = (divmod(current - step, 12) for step in reversed(range(MONTHS_SHOWN)))
    return [f"{year:04}-{month + 1:02}" for year, month in months if year >= dt.MINYEAR]


def _year_chart(counting: Counting, tally: Tally) -> ChartView:
    numbers = {int(year): number for year, number in tally.facets["year"].items() if year.isdecimal()}
    counts: list[CountView] = []
    if numbers:
        first, last = min(numbers), max(numbers)
        step = 1 if last - first < MAX_YEARS else YEARS_OF_DECADE
        for begin in range(first - first % step, last + 1, step):
            end = begin + step - 1
            number = sum(numbers.get(year, 0) for year in range(begin, end + 1))
            words = Words(str(begin), str(begin)) if step == 1 else Words(f"{begin}年代", f"{begin}s")
            path = counting.path((("from", str(begin)), ("to", str(end))), number)
            running = begin <= counting.day.year <= end
            counts.append(CountView(str(begin), words, number, path, is_running=running))
    title = _("By decade") if counts and "s" in counts[0].words.en else _("By year")
    unknown = tally.total - sum(each.count for each in counts)
    return ChartView(
        "year",
        "columns",
        title,
        tuple(counts),
        tally.total,
        unknown,
        about=_date_label(counting.definition),
        unknown_path=counting.unknown_path(tally, "year", unknown),
    )


def _date_label(definition: RegisterDefinition | None) -> str:
    """Return the label of the date by which records are sorted; "" over all registers."""
    name = definition.search.date_field if definition else ""
    return definition.schema.info(name).label if definition and name else ""


def _own_charts(counting: Counting, tally: Tally, definition: RegisterDefinition) -> Iterator[ChartView]:
    statistics, scope = definition.statistics, counting.scope
    schemes = definition.schemes
    level = schemes.level_field if schemes else ""
    if definition.search.founded:
        yield _age_chart(counting, tally)
    groupings = tuple(each.name for each in statistics.groupings if each.name != statistics.reasons)
    hidden = {*statistics.without, level, CAUTION}
    for name in (*own_facets(definition), *groupings):
        if name not in hidden:
            yield _bars(counting, tally, name, scope.labels[name])
    if schemes:
        for scheme in schemes.schemes:
            yield _level_chart(counting, schemes.scheme_field, level, scheme)
    if definition.issuer:
        yield _issuer_chart(counting, tally, definition)
    yield from _ended_charts(counting, definition)
    if CAUTION in own_facets(definition):
        yield _bars(counting, tally, CAUTION, scope.labels[CAUTION])


def _bars(
    counting: Counting, tally: Tally, name: str, title: str, *, filters: Filters | None = None
) -> ChartView:
    """Return the chart of a facet, most first. `filters`: further ones that the tally was made with."""
    numbers = {
        value: number for value, number in tally.facets[name].items() if value not in (ANY_CAUTION, UNSTATED)
    }
    if parent_of := counting.scope.parents.get(
        name
    ):  # of a tree only what stands at its top: it holds the rest
        numbers = {value: number for value, number in numbers.items() if not parent_of(value)}
    given = _pairs(filters or {})
    ranked = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    counts = [
        CountView(
            value,
            facet_value_words(counting.scope, name, value),
            number,
            counting.path((*given, (name, value)), number),
        )
        for value, number in ranked[:MAX_BARS]
    ]
    if rest := ranked[MAX_BARS:]:
        counts.append(_others(len(rest), sum(number for _value, number in rest)))
    stated = sum(numbers.values())
    overlaps = stated > tally.total or name in (CAUTION, *_many_valued(counting.definition))
    unknown = tally.facets[name].get(UNSTATED, 0) if overlaps else tally.total - stated
    return ChartView(
        name,
        "bars",
        title,
        tuple(counts),
        tally.total,
        unknown,
        overlaps=overlaps,
        unknown_path="" if filters else counting.unknown_path(tally, name, unknown),
    )


def _many_valued(definition: RegisterDefinition | None) -> Iterator[str]:
    """Names of facets of which a record may have several values."""
    if definition is not None:
        fields = definition.schema.register_fields()
        yield from (name for name in definition.search.facets if hasattr(fields[name], "inner"))


def _others(values: int, number: int) -> CountView:
    return CountView(OTHERS, Words(f"其他{values}项", f"{values} others"), number)


def _age_chart(counting: Counting, tally: Tally) -> ChartView:
    years = {int(year): number for year, number in tally.facets[FOUNDED].items() if year.isdecimal()}
    counts = []
    older_than = 0
    for age in AGES:
        first = counting.day.year - older_than + 1 if older_than else 0
        last = counting.day.year - age
        within = [number for year, number in years.items() if first <= year <= last]
        value = range_value(first, last)
        if not older_than:
            words = Words(f"{age}年及以上", f"{age} years and more")
        elif age:
            words = Words(f"{age}至{older_than - 1}年", f"{age} to {older_than - 1} years")
        else:
            words = Words(f"不足{older_than}年", f"less than {older_than} years")
        number = sum(within)
        counts.append(CountView(value, words, number, counting.path(((FOUNDED, value),), number)))
        older_than = age
    shown = sum(each.count for each in counts)
    title = _("Years since foundation")
    return ChartView(
        "founded", "bars", title, tuple(counts) if shown else (), tally.total, tally.total - shown
    )


def _level_chart(counting: Counting, scheme_field: str, level_field: str, scheme: Scheme) -> ChartView:
    """Return the levels of one grading scheme, the best first; those of different scales are never put together."""
    filters = {scheme_field: (scheme.name,)}
    tally = counting.count(filters, (level_field,))
    numbers = tally.facets[level_field]
    counts = tuple(
        CountView(
            level.code,
            scheme.level_words(level.code),
            numbers.get(level.code, 0),
            counting.path((*_pairs(filters), (level_field, level.code)), numbers.get(level.code, 0)),
        )
        for level in scheme.levels
    )
    return ChartView(
        f"level-{scheme.code}",
        "bars",
        _("Grades, the best first"),
        counts if tally.total else (),
        tally.total,
        tally.total - sum(each.count for each in counts),
        subject=scheme.words,
    )


def _issuer_chart(counting: Counting, tally: Tally, definition: RegisterDefinition) -> ChartView:
    assert definition.issuer is not None
    chart = _bars(counting, tally, ISSUER, definition.issuer.label)
    names = counting.issuer_names([each.value for each in chart.counts if each.value != OTHERS])
    counts = tuple(
        CountView(each.value, names.get(each.value, each.words), each.count, each.path)
        for each in chart.counts
    )
    return ChartView(ISSUER, "bars", chart.title, counts, chart.total, chart.unknown)


def _ended_charts(counting: Counting, definition: RegisterDefinition) -> Iterator[ChartView]:
    """Yield what ended records: by the state they ended in and, where the register has them, by the reasons stated."""
    ended: Filters = {"standing": ("ended",)}
    reasons = definition.statistics.reasons
    tally = counting.count(ended, ("status", *((reasons,) if reasons else ())))
    states = [state for state in definition.life_cycle.public_states() if state.standing == "ended"]
    if len(states) > 1 and tally.total:
        counts = _counts_of_states(counting, tally, states)
        yield ChartView("ended", "bars", _("Ended, by what ended them"), counts, tally.total)
    if reasons and tally.total:
        title = _("Ended, by the reason stated")
        yield _bars(counting, tally, reasons, title, filters=ended)
