"""The frozen views of applications. Labels stay message ids; words of registers come in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.kit.display import StatusView, Words
from registry.kit.filing import FilingWords
from registry.kit.issues import Issue
from registry.services.deciding.views import DecisionFieldView, MoveView
from registry.services.people.memberships import OrganisationView
from registry.services.records.views import LabelledText, RegisterView


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of an application. `public`: published with the record, if there will be one; `missing`: its bytes are gone."""

    id: int
    name: str
    size: int
    sha256: str
    public: bool


@dataclass(frozen=True, slots=True)
class EvidenceKindView:
    """The files of one kind. `reason`: what was to be corrected about them, "" for nothing."""

    code: str
    words: Words
    required: bool
    files: tuple[EvidenceFile, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DraftEvidence:
    """The evidence of a draft. `issues`: what is missing, or bars the application; `returned`: what is to be corrected, by field.

    `kept_days`: for how long an application that came to nothing is kept, and a draft that is not changed.
    """

    register: str
    kinds: tuple[EvidenceKindView, ...]
    issues: tuple[Issue, ...]
    opinion: str
    reasons: Mapping[str, str]
    application: int | None
    commitment: str
    kept_days: int


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of an application. `reasons`: (label, what is to be corrected); `papers`: (label, which paper).

    `state`: prepared, taken, returned or taken_back; `people`: False for a reader who is not told who acted.
    """

    id: int
    name: Words
    after: StatusView
    state: str
    role: str
    opinion: str
    reasons: tuple[LabelledText, ...]
    papers: tuple[LabelledText, ...]
    stated: tuple[LabelledText, ...]
    prepared_by: str
    prepared_at: dt.datetime
    settled_by: str
    settled_at: dt.datetime | None
    reply: str


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application in a list. `working_days`: for how many it has been in its state; `step`: one that waits for a second person."""

    id: int
    register: RegisterView
    title: Words
    organisation: Words
    status: StatusView
    over: bool
    submitted_at: dt.datetime
    since: dt.datetime
    working_days: int
    record_path: str
    step: int | None = None

    @property
    def desk_path(self) -> str:
        """The address of its page at the desk, without the language."""
        return f"/desk/applications/{self.id}"


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A published record of the organisation, as a line."""

    number: str
    path: str
    title: Words
    status: StatusView
    report_path: str = ""  # where a year is reported, below the list; "" where it takes no reports


@dataclass(frozen=True, slots=True)
class DraftLineView:
    """A draft of an application. `corrects`: the application that it answers, None for a new one."""

    id: int
    title: Words
    changed_at: dt.datetime
    changed_by: str
    corrects: int | None


@dataclass(frozen=True, slots=True)
class OwnApplications:
    """What an organisation has applied for in one register, and what it holds there. `label`: message id."""

    organisation: OrganisationView
    register: RegisterView
    words: FilingWords
    drafts: tuple[DraftLineView, ...]
    applications: tuple[ApplicationLine, ...]
    records: tuple[RecordLine, ...]


@dataclass(frozen=True, slots=True)
class AnswerInWords:
    """What an answer means. `written`: how it was written, where the words do not say that as well."""

    text: str
    written: str


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application as its holder or the desk sees it.

    `forgotten_at`: when answers, signer and files were deleted, None while they are there.
    `typed`: the answers by field, as they were submitted; `before`: those of the submission before, empty for a first one; `words`: by
    field, what coded answers mean, in the reader's language.
    `moves`: steps that the reader may take; `obstacle`: why none of theirs. `notices`: what the desk should look at in the answers. `correctable`, `withdrawable`: by the holder;
    `waits_for`: who examines it now, message ids, none where it is with the holder. `appeal`: message id, "" unless it was refused.
    """

    line: ApplicationLine
    forgotten_at: dt.datetime | None
    organisation_path: str
    organisation_number: str
    revision: int
    typed: Mapping[str, Any]
    before: Mapping[str, Any]
    words: Mapping[str, AnswerInWords]
    signer: str
    evidence: tuple[EvidenceKindView, ...]
    steps: tuple[StepView, ...]
    moves: tuple[MoveView, ...]
    others: tuple[MoveView, ...]
    waits_for: tuple[str, ...]
    pending: StepView | None
    pending_obstacle: Issue | None
    pending_is_own: bool
    obstacle: Issue | None
    notices: tuple[Issue, ...]
    sentences: Mapping[str, str]
    publication_issues: tuple[Issue, ...]
    correctable: bool
    withdrawable: bool
    appeal: str
    reads_only: bool


@dataclass(frozen=True, slots=True)
class StepFormView:
    """The form of a step. `fields`: what a publication states; `asks_reasons`: by field; `opinion_required`: without it nothing is done."""

    application: ApplicationView
    move: MoveView
    fields: tuple[DecisionFieldView, ...]
    asks_reasons: bool
    opinion_required: bool
    second_person: bool
