"""What a difference marks: the words that changed, or the whole where the texts have little in common."""

from __future__ import annotations

import pytest

from registry.services.records.views import MAX_COMPARED_WORDS, ChangeView


def marked(pieces: object) -> str:
    return "".join(f"[{words}]" if is_changed else words for words, is_changed in pieces)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "after", "gone", "new"),
    [
        ("QY-10, QY-20", "QY-10, QY-30", "QY-10, [QY-20]", "QY-10, [QY-30]"),
        (
            "性能 附着力 ≤ 58 dB(A)",
            "性能 附着力 ≤ 55 dB(A)",
            "性能 附着力 ≤ [58] dB(A)",
            "性能 附着力 ≤ [55] dB(A)",
        ),
        ("a b", "a b c", "a b", "a b[ c]"),
        ("木桌", "金属家具", "[木桌]", "[金属家具]"),
        ("one two three", "four five six", "[one two three]", "[four five six]"),
        ("", "new", "", "[new]"),
        ("a " * MAX_COMPARED_WORDS, "a", f"[{'a ' * MAX_COMPARED_WORDS}]", "[a]"),
    ],
)
def test_only_the_words_that_changed_are_marked(before: str, after: str, gone: str, new: str) -> None:
    change = ChangeView("", before, after)
    assert (marked(change.words_before), marked(change.words_after)) == (gone, new)
