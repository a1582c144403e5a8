"""The grading schemes of the files in `schemes/`, and what labels mean in them."""

from __future__ import annotations

from pathlib import Path

from registry.kit.display import Words
from registry.kit.grading import Level, Scheme, load_schemes, unknown_level_words

SCHEMES = load_schemes(Path(__file__).parent / "schemes", scheme_field="scheme", level_field="grade")
# Where no scheme is known: the months and graders of the draft of 2024-09-26.
UNKNOWN = Scheme(code="", name="", en="", scale="", levels=())


def find_level(scheme: str, grade: str) -> Level | None:
    """The level of a scheme's scale, by its label or a usual name (5A); None for an unknown scheme or grade."""
    known = SCHEMES.find(scheme)
    return known.find_level(grade) if known else None


def scheme_words(name: str) -> Words:
    """The name of a scheme in both languages."""
    known = SCHEMES.find(name)
    return known.words if known else Words(name, "", "missing")


def grade_words(name: str) -> Words:
    """The words of a grade seen without its scheme: the label alone, because other schemes use it in another sense."""
    return unknown_level_words(name)


def label_of(scheme: str, written: str) -> str:
    """The label as the scheme writes it: 5a, 5A级 → AAAAA; as written where scheme or level is not known.

    Without a scheme, words are read that mean one label wherever they are used.
    """
    known = SCHEMES.find(scheme) if scheme else SCHEMES.schemes[0]
    level = known and (known.find_level(written) or known.find_level(written.upper()))
    return level.code if level else written


def name_of(written: str) -> str:
    """The name of a scheme as records keep it, for its name in English, its code or another spelling."""
    known = SCHEMES.find(written)
    return known.name if known else written
