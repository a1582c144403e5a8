"""The frozen views of the watch lists. Labels stay message ids; words of registers come in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry.kit.display import StatusView, Words
from registry.services.records.views import PartyView, RegionView, RegisterView

When = Literal["overdue", "soon", "later", "undated"]
WHENS: tuple[When, ...] = ("overdue", "soon", "later", "undated")


@dataclass(frozen=True, slots=True)
class WatchQuery:
    """What is asked of the lists: each "" for all.

    `watch`: a list; `region`: two digits of a province; `when`: one of `WHENS`. `named`: a number in any spelling: only records
    that link to what it names, such as a standard, a body or a holder.
    """

    watch: str = ""
    register: str = ""
    region: str = ""
    when: str = ""
    named: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ActView:
    """What resolves a thing. `path`: its address without the language; `name`: of the transition, None for filing a change."""

    path: str
    name: Words | None


@dataclass(frozen=True, slots=True)
class WatchRowView:
    """A thing on a list.

    `label`: message id of what is due; `mark`: the words of one whose day has passed or that has none, else None. `due`: ISO
    day, "" for none; `days_left`: negative once it has passed, None without a day. `path`: of the record's page.
    """

    register: RegisterView
    number: str
    title: Words
    status: StatusView
    path: str
    holder: PartyView | None
    issuer: PartyView | None
    region: RegionView | None
    watch: str
    label: str
    mark: Words | None
    due: str
    days_left: int | None
    acts: tuple[ActView, ...]


@dataclass(frozen=True, slots=True)
class AlikeTextView:
    """A record whose text is nearly that of another one. `kind`: facts or text; `percent`: how much they have in common, as estimated."""

    number: str
    desk_path: str
    title: Words
    kind: str
    percent: int


@dataclass(frozen=True, slots=True)
class WatchListsView:
    """A page of the lists. `counts`: filter → value → number of things that pass the other filters; `total`: that pass all of them.

    `labels`: list → message id; `registers`: those that have something; `regions`: of the provinces that have.
    """

    rows: tuple[WatchRowView, ...]
    total: int
    page: int
    pages: int
    counts: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, str]
    registers: tuple[RegisterView, ...]
    regions: Mapping[str, Words]
