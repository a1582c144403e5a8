"""A number in the search box: the record that it names first, or which kind of "not found" it is.

The answer is that of `records.numbers.lookup`, as at an address and in `POST /check`; the index adds what else has the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.accounts.policy import Actor
from registry.registers import catalogue
from registry.search.port import STRICT_STAGES, SearchResult
from registry.services.bootstrap import Registry
from registry.services.finding.requests import SearchRequest
from registry.services.finding.scope import SearchScope
from registry.services.finding.views import NumberPartsView
from registry.services.records.numbers import lookup, number_targets
from registry.services.records.numbers.lookup import NumberAnswer
from registry.services.records.views import NotFoundView

MAX_PINNED = 20  # records that a number names, shown before all others


@dataclass(frozen=True, slots=True)
class NumberInSearch:
    """What the number in a search means for its result. `answer`: None for a text without a number.

    `pinned`: ids of the records that it names, as far as they belong on this page; `adoption`: what adopts them is asked for.
    """

    answer: NumberAnswer | None = None
    pinned: tuple[int, ...] = ()
    adoption: bool = False

    @property
    def is_sure(self) -> bool:
        """True if the text has a number of a known form."""
        return self.answer is not None and self.answer.is_sure

    def search_text(self, typed: str) -> str:
        """Return the text that the index is asked for: the number alone, also of unknown form where a record has it."""
        is_named = self.answer is not None and self.answer.is_number_only and self.answer.records
        return self.answer.read_as if self.answer is not None and is_named else typed

    def add_to(self, result: SearchResult, *, size: int) -> SearchResult:
        """Return a page of results with the named records first.

        Records that only come near the text are left out where the number itself has an answer. `size`: most records of
        the page; a full page only changes its order, so that none is pushed off it and lost.
        """
        answer = self.answer
        if answer is None:
            return result
        is_strict = result.stage in STRICT_STAGES
        if not is_strict and ((answer.is_sure and answer.is_number_only) or self.pinned):
            result = SearchResult(stage="exact")
        if not self.pinned:
            return result
        missing = [record_id for record_id in self.pinned if record_id not in result.ids]
        missing = missing[: max(0, size - len(result.ids))]
        pinned = [record_id for record_id in self.pinned if record_id in missing or record_id in result.ids]
        others = [record_id for record_id in result.ids if record_id not in pinned]
        is_whole = result.total <= len(result.ids)
        return replace(
            result,
            ids=[*others, *pinned] if self.adoption else [*pinned, *others],
            total=result.total + (len(missing) if is_whole else 0),
            stage="exact",
        )

    def is_said(self, result: SearchResult) -> bool:
        """True if the page says which kind of "not found" the number is: as every other door does.

        Words in which some letters and figures are like a number are a search all the same. And what a record has in its
        text, such as a model, is found: "not on record" is not said of it, but where its form says more than that.
        """
        answer = self.answer
        if answer is None or answer.records or answer.reading is None:
            return False
        if answer.answer != "not_covered":
            return True
        is_found_in_text = result.total > 0 and result.stage in STRICT_STAGES
        return answer.is_about_number and (not is_found_in_text or (answer.is_sure and answer.is_number_only))

    def view(self, scope: SearchScope, result: SearchResult) -> NotFoundView | None:
        """Return the answer for the page, None where the number names a record or is none."""
        if self.answer is None or not self.is_said(result):
            return None
        return lookup.not_found_view(self.answer, catalogue().get(scope.register))

    def parts(self) -> NumberPartsView | None:
        """Return which of several numbers was found, None where the first one was or none."""
        answer = self.answer
        if answer is None or answer.reading is None or not answer.parts_not_held:
            return None
        return NumberPartsView(answer.reading.shown, answer.parts_not_held)

    def product_path(self) -> str:
        """Return the path of the product whose barcode the number is on several records; "" for any other."""
        return number_targets.product_path(self.answer) if self.answer is not None else ""


NO_NUMBER = NumberInSearch()


def number_named(
    registry: Registry, actor: Actor, request: SearchRequest, *, is_first_page: bool = True
) -> NumberInSearch:
    """Return what the number in a search names; costs no statement where the text has none."""
    answer = lookup.answer_typed(registry, actor, request.q)
    if answer is None:
        return NO_NUMBER
    is_narrowed = bool(request.filters.keys() - {"register"} or request.since or request.until)
    if not is_first_page or request.page > 1 or is_narrowed or request.sort not in ("", "relevance"):
        return NumberInSearch(answer)
    chosen = request.filters.get("register", ())
    registers = {request.scope.register} if request.scope.register else set(chosen)
    pinned = [row.id for row in answer.records if not registers or row.register in registers]
    return NumberInSearch(answer, tuple(pinned[:MAX_PINNED]), _asks_for_adoption(answer, request.q))


def _asks_for_adoption(answer: NumberAnswer, typed: str) -> bool:
    """Return True if a text with a number means the records that adopt what it names."""
    asks = (
        (catalogue()[row.register].search.asks_for_adoption, row.number)
        for row in answer.records
        if not answer.is_number_only
    )
    return any(of_register is not None and of_register(number, typed) for of_register, number in asks)


def ids_of_number(registry: Registry, actor: Actor, typed: str) -> Sequence[int]:
    """Return the ids of the records that a typed number names; none for a text without a number."""
    answer = lookup.answer_typed(registry, actor, typed)
    return tuple(row.id for row in answer.records) if answer else ()
