"""Grading schemes as data: the levels of a scale in order, what each asks, who publishes the scheme.

A register that grades keeps one TOML file for each scheme in its folder, and the scales that several schemes share in
`scales.toml` beside them. Rank 1 is the best level whatever the labels say. Words and ranks of a level belong to its own
scheme: labels of one spelling may mean the best level of one scale and the worst of another.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.i18n import _, gettext
from registry.kit.display import Words
from registry.kit.indicators import OPERATORS, indicator_name, meets_limit, name_in_english
from registry.reference.text.folding import fold_name

SCALES_FILE = "scales.toml"
PLAIN_ENTRIES = ("version", "validity_months", "evidence_months", "subject", "source_url")
LIST_ENTRIES = ("standards", "graders", "aliases")
ONLY = _("%(level)s, the only level")
BEST = _("%(level)s, the highest of %(count)s")
WORST = _("%(level)s, the lowest of %(count)s")
NOT_STATED = Words("", "", "missing")
FROM_ABOVE = _("%(level)s, %(place)s highest of %(count)s")
FROM_BELOW = _("%(level)s, %(place)s lowest of %(count)s")
OF_MANY = _("%(level)s, number %(rank)s from the highest of %(count)s")
OPEN_BEST = _("%(level)s, the highest level")
OPEN_OTHER = _("%(level)s; the highest is %(best)s")
COUNTS = {
    2: _("two"), 3: _("three"), 4: _("four"), 5: _("five"), 6: _("six"), 7: _("seven"), 8: _("eight"), 9: _("nine"),
}  # fmt: skip
PLACES = {2: _("second"), 3: _("third"), 4: _("fourth"), 5: _("fifth")}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a scale. `code`: the label as records keep it; `rank`: 1 for the best."""

    code: str
    zh: str
    en: str
    rank: int
    aliases: tuple[str, ...] = ()

    @property
    def en_alone(self) -> str:
        """The English on its own, with a capital: schemes have it as inside a sentence."""
        return self.en[:1].upper() + self.en[1:]

    def called(self, word: str) -> bool:
        """True if a word names this level."""
        return word in (self.code, self.zh, self.en, *self.aliases)


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a level asks of one indicator. `operator`: of `indicators.OPERATORS`; `limit_to`: the upper end of a range."""

    level: str
    operator: str
    limit: float
    limit_to: float | None = None

    def is_met_by(self, value: float) -> bool:
        """True if a value in the unit of the threshold reaches the level."""
        row = {"value": value, "operator": self.operator, "limit": self.limit, "limit_to": self.limit_to}
        return meets_limit(row) is True


@dataclass(frozen=True, slots=True)
class SchemeIndicator:
    """An indicator of a scheme with the thresholds of its levels. `source`: the standard that sets them."""

    name_zh: str
    name_en: str
    unit: str
    thresholds: tuple[Threshold, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A grading scheme.

    `name`: its Chinese name, as records keep it. `code`: in addresses. `scale`: schemes with one scale may be ordered
    together. `closed`: the scale has these levels only; of an open one (energy labels have three or five steps) no lowest
    level is known. `standards`: their numbers, the scheme's own one first; `version`: its edition, or the date of
    a draft. `validity_months`, `evidence_months`: longest validity, greatest age of evidence. `graders`: kinds of bodies
    that may grade. `subject`: what is graded. `source`, `source_url`: where this is written.
    """

    code: str
    name: str
    en: str
    scale: str
    levels: tuple[Level, ...]
    closed: bool = True
    standards: tuple[str, ...] = ()
    version: str = ""
    publisher: Words = NOT_STATED
    validity_months: int = 12
    evidence_months: int = 12
    subject: str = "product"
    graders: tuple[str, ...] = ("certification", "testing")
    source: Words = NOT_STATED
    source_url: str = ""
    aliases: tuple[str, ...] = ()
    indicators: tuple[SchemeIndicator, ...] = field(default=())

    @property
    def words(self) -> Words:
        return Words(self.name, self.en, "platform")

    @property
    def best(self) -> Level:
        return self.levels[0]

    def find_level(self, word: str) -> Level | None:
        """The level that a label or another usual name (5A) means in this scheme."""
        return next((level for level in self.levels if level.called(word)), None)

    def indicator_in_english(self, row: Mapping[str, Any]) -> str:
        """The English name of a row's indicator: as it states it, else as the scheme has it, else as the glossary does."""
        stated, name = str(row.get("name_en") or ""), fold_name(indicator_name(row))
        of_scheme = (each.name_en for each in self.indicators if fold_name(each.name_zh) == name)
        return stated or next(of_scheme, "") or name_in_english(row)

    def level_words(self, label: str) -> Words:
        """The bare words of a level: `Level 1`; of an unknown one, its label."""
        level = self.find_level(label)
        return Words(level.zh, level.en, "platform") if level else unknown_level_words(label)

    def placed_words(self, label: str) -> Words:
        """The words of a level with its place in the scale: `Level 1, the lowest of five`."""
        level = self.find_level(label)
        if level is None:
            return unknown_level_words(label)
        message, params = self._place(level)
        zh, en = (
            gettext(message, lang, level=getattr(level, lang), **{k: _in(v, lang) for k, v in params.items()})
            for lang in ("zh", "en")
        )
        return Words(zh, en, "platform")

    def _place(self, level: Level) -> tuple[str, Mapping[str, Words | str]]:
        last = len(self.levels)
        if not self.closed:
            return (
                (OPEN_BEST, {})
                if level.rank == 1
                else (OPEN_OTHER, {"best": Words(self.best.zh, self.best.en)})
            )
        count = {"count": COUNTS.get(last, str(last))}
        if last == 1:
            return ONLY, {}
        if level.rank == 1:
            return BEST, count
        if level.rank == last:
            return WORST, count
        above, below = level.rank, last - level.rank + 1
        if min(above, below) not in PLACES:
            return OF_MANY, count | {"rank": str(above)}
        if above <= below:
            return FROM_ABOVE, count | {"place": PLACES[above]}
        return FROM_BELOW, count | {"place": PLACES[below]}


def _in(words: Words | str, lang: str) -> str:
    """A message id or a pair of words in one language."""
    return gettext(words, lang) if isinstance(words, str) else words.zh if lang == "zh" else words.en


def unknown_level_words(label: str) -> Words:
    """The words of a label whose scheme is not known: the label itself, never the words of another scheme."""
    return Words(label, label if label.isascii() else "", "missing")


@dataclass(frozen=True)
class Schemes:
    """The schemes of a register. `scheme_field`, `level_field`: the fields of a record that name scheme and level."""

    scheme_field: str
    level_field: str
    schemes: tuple[Scheme, ...]
    _by_word: Mapping[str, Scheme] = field(init=False, repr=False)
    _placed: dict[tuple[str, str], Words] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        by_word: dict[str, Scheme] = {}
        for scheme in self.schemes:
            for word in (scheme.name, scheme.code, scheme.en, *scheme.aliases):
                by_word.setdefault(word, scheme)
                by_word.setdefault(fold_name(word), scheme)
        object.__setattr__(self, "_by_word", by_word)

    def find(self, word: str) -> Scheme | None:
        """The scheme of this name, in either language, or of this code."""
        return self._by_word.get(word) or self._by_word.get(fold_name(word)) if word else None

    def of_record(self, values: Mapping[str, Any]) -> Scheme | None:
        """The scheme by which a record is graded, None where the register does not know it."""
        return self.find(str(values.get(self.scheme_field) or ""))

    def level_of(self, values: Mapping[str, Any], name: str = "") -> Level | None:
        """The level in a field of a record (`name`, else the level field), by the record's own scheme."""
        scheme = self.of_record(values)
        return scheme.find_level(str(values.get(name or self.level_field) or "")) if scheme else None

    def placed_words(self, name: str, label: str) -> Words:
        """The words of a level of the scheme of this name, with its place: `Level 1, the lowest of five`."""
        found = self._placed.get((name, label))
        if found is None:
            scheme = self.find(name)
            if scheme is None or scheme.find_level(label) is None:
                return unknown_level_words(label)
            found = self._placed[name, label] = scheme.placed_words(label)
        return found

    def same_scale(self, names: Iterable[str]) -> Scheme | None:
        """One of the schemes of these names if all are known and share one scale, else None."""
        found = [self.find(name) for name in names]
        known = [scheme for scheme in found if scheme is not None]
        return (
            known[0]
            if known and len(known) == len(found) and len({each.scale for each in known}) == 1
            else None
        )


def load_schemes(folder: Path, *, scheme_field: str, level_field: str) -> Schemes:
    """The schemes in the TOML files of a folder, in the order of their `position`, then by code."""
    scales = tomllib.loads((folder / SCALES_FILE).read_text("utf-8"))
    read = [
        tomllib.loads(path.read_text("utf-8")) | {"code": path.stem}
        for path in sorted(folder.glob("*.toml"))
        if path.name != SCALES_FILE
    ]
    read.sort(key=lambda data: data.get("position", 100))
    return Schemes(scheme_field, level_field, tuple(_scheme(data, scales) for data in read))


def _scheme(data: Mapping[str, Any], scales: Mapping[str, Any]) -> Scheme:
    scale = scales[data["scale"]]
    levels = tuple(
        Level(row["code"], row.get("zh", row["code"]), row["en"], rank, tuple(row.get("aliases", ())))
        for rank, row in enumerate(scale["levels"], start=1)
    )
    given: dict[str, Any] = {name: data[name] for name in PLAIN_ENTRIES if name in data}
    given |= {name: tuple(data[name]) for name in LIST_ENTRIES if name in data}
    return Scheme(
        code=data["code"],
        name=data["name_zh"],
        en=data["name_en"],
        scale=data["scale"],
        levels=levels,
        closed=scale.get("closed", True),
        publisher=_pair(data, "publisher"),
        source=_pair(data, "source"),
        indicators=tuple(_indicator(row) for row in data.get("indicators", ())),
        **given,
    )


def _pair(data: Mapping[str, Any], name: str) -> Words:
    zh, en = data.get(f"{name}_zh", ""), data.get(f"{name}_en", "")
    return Words(zh, en, "platform" if en else "missing")


def _indicator(row: Mapping[str, Any]) -> SchemeIndicator:
    thresholds = tuple(
        Threshold(str(level), row["operator"], float(limit)) for level, limit in row["limits"].items()
    )
    return SchemeIndicator(row["name_zh"], row["name_en"], row["unit"], thresholds, row.get("source", ""))


# --- levels worked out -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """The level that one indicator of a record reaches.

    `stated`: the level in its row, None where the row states none that the scale has. `reached`: the best level whose
    threshold the value meets, None where there is nothing to judge by or it meets none. `judged`: the thresholds tell
    whether the stated level is reached. `threshold`: that of the stated level.
    """

    stated: Level | None
    reached: Level | None
    judged: bool
    threshold: Threshold | None = None

    @property
    def level(self) -> Level | None:
        """The level that counts: the one worked out, else the one stated."""
        return self.reached if self.reached and self.judged else self.stated

    @property
    def contradicts(self) -> bool:
        """True if the row states another level than its own value and thresholds give."""
        return self.judged and self.stated is not None and self.stated != self.reached


def work_out_levels(
    scheme: Scheme, rows: Sequence[Mapping[str, Any]], thresholds: Sequence[Mapping[str, Any]]
) -> list[WorkedOut]:
    """The level that each row of indicators reaches by the thresholds that the record states, else by the scheme's own.

    `thresholds`: rows of `name_zh` or `name_en`, `level`, `operator`, `limit`, `limit_to`, `unit`. A row without any there
    is judged by its own `thresholds`, as its source writes them: `AAAAA ≤ 0.01; AAAA ≤ 0.03`.
    """
    return [_work_out(scheme, row, _thresholds_of(scheme, row, thresholds)) for row in rows]


def _thresholds_of(
    scheme: Scheme, row: Mapping[str, Any], stated: Sequence[Mapping[str, Any]]
) -> dict[Level, Threshold]:
    name = fold_name(indicator_name(row))
    names = {fold_name(str(row.get(key) or "")) for key in ("name_zh", "name_en")} - {""}
    found: dict[Level, Threshold] = {}
    for each in stated:
        of_row = {fold_name(str(each.get(key) or "")) for key in ("name_zh", "name_en")} - {""}
        level = scheme.find_level(str(each.get("level") or ""))
        if level and names & of_row and each.get("operator") and isinstance(each.get("limit"), int | float):
            found[level] = Threshold(level.code, str(each["operator"]), each["limit"], each.get("limit_to"))
    found = found or {
        level: each
        for each in parse_thresholds(str(row.get("thresholds") or ""))
        if (level := scheme.find_level(each.level))
    }
    if found:
        return found
    for indicator in scheme.indicators:
        if (
            name in (fold_name(indicator.name_zh), fold_name(indicator.name_en))
            and row.get("unit") == indicator.unit
        ):
            pairs = ((scheme.find_level(each.level), each) for each in indicator.thresholds)
            return {level: each for level, each in pairs if level}
    return {}


THRESHOLD_PARTS = re.compile(r"[;；,，、|\n]+")
LABEL_BEFORE = re.compile(r"\s*(?P<label>[^\s:：<>=≤≥＜＞＝]+)(?P<rest>.*)", re.DOTALL)
THRESHOLD = re.compile(
    r"\s*(?P<level>\S.*?)\s*[:：]?\s*(?:(?P<operator>[<>]=|[≤≥<>=＜＞＝])\s*(?P<limit>-?\d+(?:\.\d+)?)"
    r"|(?P<from>-?\d+(?:\.\d+)?)\s*[–~～至-]\s*(?P<to>\d+(?:\.\d+)?))\s*(?P<unit>[^\d;；,，]*)"
)


def parse_thresholds(text: str) -> list[Threshold]:
    """The thresholds in a text like `AAAAA ≤ 0.01; AAAA 0.01–0.03`; parts that are written otherwise are left out."""
    found = []
    for part in THRESHOLD_PARTS.split(text):
        match = THRESHOLD.fullmatch(part)
        if match is None:
            continue
        level = match["level"].strip(" :：")
        if match["operator"]:
            operator = OPERATORS.find(match["operator"])
            if operator:
                found.append(Threshold(level, operator, float(match["limit"])))
        else:
            found.append(Threshold(level, "in", float(match["from"]), float(match["to"])))
    return found


def thresholds_in_words(scheme: Scheme, text: str, lang: str) -> str:
    """A text of thresholds with its levels in the words of the scheme: `五级 ≤ 7` → `Level 5 ≤ 7`.

    Only the labels change; what follows them, and parts that begin with no level of the scheme, stay as written.
    """
    parts = []
    for part in THRESHOLD_PARTS.split(text):
        match = LABEL_BEFORE.fullmatch(part)
        level = scheme.find_level(match["label"]) if match else None
        if match and level:
            words = level.zh if lang == "zh" else level.en_alone
            parts.append(f"{words}{match['rest']}".strip())
        else:
            parts.append(part.strip())
    return ("；" if lang == "zh" else "; ").join(part for part in parts if part)


def _work_out(scheme: Scheme, row: Mapping[str, Any], thresholds: Mapping[Level, Threshold]) -> WorkedOut:
    stated = scheme.find_level(str(row.get("level") or ""))
    value = row.get("value")
    if not isinstance(value, int | float) or not thresholds:
        return WorkedOut(stated, None, judged=False)
    met = [level for level, threshold in thresholds.items() if threshold.is_met_by(value)]
    reached = min(met, key=lambda level: level.rank, default=None)
    if stated is None:
        return WorkedOut(None, reached, judged=reached is not None)
    judged = stated in thresholds or (reached is not None and reached.rank < stated.rank)
    return WorkedOut(stated, reached, judged, thresholds.get(stated))


def weighted_rank(levels: Sequence[Level], weights: Sequence[float]) -> int:
    """The rank that the weighted mean of levels gives: rounded, a half to the worse level."""
    total = sum(weights)
    mean = sum(level.rank * weight for level, weight in zip(levels, weights, strict=True)) / total
    return int(mean + 0.5 + 1e-9)
