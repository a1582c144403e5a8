"""The frozen views in which comparisons and products reach the doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from registry.kit.cautions import CautionView
from registry.kit.display import Piece, Words
from registry.reference.identifiers import certificate_numbers
from registry.services.records.views import LinkedRecordView, PartyView, RecordView, RegisterView

__all__ = [
    "ComparedCell",
    "ComparedRow",
    "ComparedTable",
    "NumberProblem",
    "ProductLineView",
    "ProductListView",
    "ProductView",
    "SideBySideView",
]


class ComparedCell(NamedTuple):
    """What one record states; nothing where it has neither pieces nor words. `words`: a name in both languages, with `path`.

    `as_written`: a value that was converted, in its own unit.
    """

    pieces: tuple[Piece, ...] = ()
    limit: tuple[Piece, ...] = ()
    method: tuple[Piece, ...] = ()
    as_written: str = ""
    separate: bool = False  # the pieces are items of a list
    words: Words | None = None
    path: str = ""

    @property
    def is_stated(self) -> bool:
        return bool(self.pieces or self.limit or self.words)


class ComparedRow(NamedTuple):
    """One fact of all compared records, in their order. `note`: message id of why figures must not be compared, or ""."""

    name: str
    label: str  # message id, or the name of an indicator
    cells: tuple[ComparedCell, ...]
    differs: bool
    label_lang: str = ""
    note: str = ""


class ComparedTable(NamedTuple):
    """A part of the comparison: a section of the records' pages, or a table of indicators."""

    key: str
    title: str  # message id
    rows: tuple[ComparedRow, ...]
    indicators: bool = False


class NumberProblem(NamedTuple):
    """A number that cannot be compared as it was asked: `unknown`, or `several` where it names more than one record."""

    typed: str
    kind: str


class ProductLineView(NamedTuple):
    """A record about a product, with what stands beside its status."""

    record: LinkedRecordView
    cautions: tuple[CautionView, ...]
    demo: bool


class ProductListView(NamedTuple):
    """What one register has about a product: the first `lines` of `total`. `compare`: parameters that put up to four side by side."""

    register: RegisterView
    lines: tuple[ProductLineView, ...]
    total: int
    compare: str


@dataclass(frozen=True, slots=True)
class ProductView:
    """All that registers have on record about a product, named by barcode, or by maker and model.

    `title`: its name in the newest record. `makers`: every holder of a record; more than one is a contradiction of a barcode.
    `is_complete`: False where so many records state it that the newest only were read.
    """

    title: Words
    lists: tuple[ProductListView, ...]
    makers: tuple[PartyView, ...]
    gtin: str = ""
    model: str = ""
    is_complete: bool = True

    @property
    def barcode(self) -> str:
        """The GTIN with the digits that stand on the package; "" where the product is named by maker and model."""
        return certificate_numbers.printed_gtin(self.gtin)


@dataclass(frozen=True, slots=True)
class SideBySideView:
    """Records side by side, in the order asked, or why there is nothing to compare.

    `answer`: compared, none, one, unknown, too_many or registers (they are of different ones). `found`: all records that the
    numbers name, by register; `remarks`: message ids of what must not be concluded from the comparison.
    """

    answer: str
    records: tuple[RecordView, ...] = ()
    tables: tuple[ComparedTable, ...] = ()
    remarks: tuple[str, ...] = ()
    problems: tuple[NumberProblem, ...] = ()
    found: tuple[tuple[RegisterView, tuple[LinkedRecordView, ...]], ...] = ()

    @property
    def register(self) -> RegisterView | None:
        return self.found[0][0] if len(self.found) == 1 else None

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(each.number for each in self.records)
