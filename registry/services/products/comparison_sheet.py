"""A comparison as a CSV sheet: one line for each fact, one column for each record; no cell can become a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from registry import clock, i18n
from registry.i18n import _, gettext, in_context
from registry.kit.display import Piece
from registry.services.products.views import ComparedCell, ComparedRow, SideBySideView
from registry.services.records.views import RecordView
from registry.tabular import writing

FACT, NUMBER, STATUS_ON = _("Fact"), _("Number"), _("Status on %(day)s")
TITLE = in_context("column", "Title")
DIFFERS, DIFFERENT, LIMIT_OF, METHOD_OF = (
    _("Differs"),
    _("differs"),
    _("%(name)s: limit"),
    _("%(name)s: method"),
)
Line = tuple[str, ...]


def comparison_csv(view: SideBySideView, lang: str) -> bytes:
    """Return the comparison as CSV (UTF-8 with byte order mark), in the words of the language."""
    header = [gettext(FACT, lang), *(each.number for each in view.records), gettext(DIFFERS, lang)]
    return b"".join(writing.csv_chunks(header, _lines(view, lang)))


def _lines(view: SideBySideView, lang: str) -> Iterator[Line]:
    today = i18n.format_day(clock.today().isoformat(), lang)
    yield _line(gettext(TITLE, lang), [each.title.in_language(lang) for each in view.records], lang)
    statuses = [_status(each, lang) for each in view.records]
    yield _line(gettext(STATUS_ON, lang, day=today), statuses, lang)
    for table in view.tables:
        for row in table.rows:
            label = row.label if table.indicators else gettext(row.label, lang)
            yield _line(label, [_text(cell, lang) for cell in row.cells], lang, differs=row.differs)
            if table.indicators:
                yield from _further_lines(row, label, lang)
    permalinks = [each.permalink for each in view.records]
    yield _line(gettext(_("Permalink"), lang), permalinks, lang, differs=False)


def _further_lines(row: ComparedRow, name: str, lang: str) -> Iterator[Line]:
    """Yield the limits and the methods of an indicator, where any record has them, and why figures are not comparable."""
    for label, cells in (
        (LIMIT_OF, [cell.limit if cell.pieces else () for cell in row.cells]),
        (METHOD_OF, [cell.method for cell in row.cells]),
    ):
        if any(cells):
            yield _line(gettext(label, lang, name=name), [_joined(cell) for cell in cells], lang)
    if row.note:
        yield (name, *(gettext(row.note, lang) if at == 0 else "" for at in range(len(row.cells))), "")


def _line(label: str, texts: Sequence[str], lang: str, *, differs: bool | None = None) -> Line:
    different = len(set(texts)) > 1 if differs is None else differs
    return (label, *texts, gettext(DIFFERENT, lang) if different else "")


def _status(record: RecordView, lang: str) -> str:
    words = (record.status, *record.badges)
    return gettext(_(", "), lang).join(each.zh if lang == "zh" else each.en for each in words)


def _text(cell: ComparedCell, lang: str) -> str:
    if cell.words:
        return cell.words.in_language(lang)
    written = f" ({cell.as_written})" if cell.as_written else ""
    if cell.separate:
        return ("；" if lang == "zh" else "; ").join(piece.text for piece in cell.pieces)
    return _joined(cell.pieces or cell.limit) + written


def _joined(pieces: Sequence[Piece]) -> str:
    return " ".join(piece.text for piece in pieces)
