"""How holders apply for a decision of the authority: the part of a filing whose first state is not public.

What is filed then publishes nothing: it waits as an application until a transition of the life cycle leads from a state
that is not public to a public one. Steps, roles and evidence stand in the life cycle; here stands what the holder is asked
besides the questions, and what keeps an application from being made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.kit.codes import CodeList
from registry.kit.issues import Issue


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record of the register that the applicant holds already, or that is what they apply for. `standing`: of its status."""

    number: str
    status: str
    standing: str
    values: Mapping[str, Any]


Hinder = Callable[[Mapping[str, Any], Sequence[HeldRecord], dt.date], Iterable[Issue]]
Suggest = Callable[[Mapping[str, Any], dt.date], Mapping[str, str]]


def hinder_nothing(values: Mapping[str, Any], held: Sequence[HeldRecord], today: dt.date) -> Iterable[Issue]:
    """For registers in which what a holder has already bars no application."""
    del values, held, today
    return ()


def suggest_nothing(values: Mapping[str, Any], today: dt.date) -> Mapping[str, str]:
    """For registers whose first publication states nothing that could be worked out."""
    del values, today
    return {}


@dataclass(frozen=True, slots=True)
class HolderReports:
    """What a holder reports of each year: that they did is public, the figures never are.

    `years_field`: the list of the years reported; `states`: in which a record takes reports; `transition`: the one that a report is,
    which keeps the status; `figures`: what is asked for, in both languages: numbers, a loss is negative; `hint`: message id.
    """

    years_field: str
    states: tuple[str, ...]
    transition: str
    figures: CodeList
    hint: str


@dataclass(frozen=True, slots=True)
class Applications:
    """What an application consists of beside its answers. `commitment`, `appeal`: message ids.

    `evidence`: the kinds of files, in both languages; `required`: codes of those that must be handed in. `commitment`: what the
    signer declares; `appeal`: how to appeal against a refusal. `hinder(values, held, today)` yields what bars it: a title
    held already, a time that must pass. `suggest(values, today)`: field → what the first publication may state.
    `evidence_field`: the table of the document that takes the files the holder makes public, with the columns `kind`, `name`
    and `sha256`; "" where none are published.
    """

    evidence: CodeList
    required: frozenset[str]
    commitment: str
    appeal: str
    hinder: Hinder = hinder_nothing
    suggest: Suggest = suggest_nothing
    evidence_field: str = ""

    def messages(self) -> Iterator[str]:
        """Every message id of it."""
        yield from (self.commitment, self.appeal)
