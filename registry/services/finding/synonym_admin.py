"""Synonyms and glossary terms that staff keep: added, changed, ended and restored with a reason, each with its history."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, or_, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound
from registry.kit.issues import Issue
from registry.reference.code_lists.glossary import GROUP_TITLES
from registry.search.analysis import query_parser
from registry.search.analysis.synonyms import SynonymEntry, built_in
from registry.search.analysis.tokens import fold_text, split_runs
from registry.search.words.model import StaffSynonym, SynonymChange
from registry.search.words.staff_synonyms import CURRENT_COLUMNS, StaffWords, contains_chinese
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_WORD_LENGTH, MIN_WORDS, MAX_WORDS, MIN_CHINESE_LENGTH = 60, 2, 10, 2
MAX_STAFF_SYNONYMS = 2_000
MAX_REASON_LENGTH, MAX_DEFINITION_LENGTH, MAX_SOURCE_LENGTH = 500, 1_000, 200  # characters
MAX_LISTED = 200
MAX_HISTORY = 500  # acts on one entry that are shown
GLOSSARY_PARTS = GROUP_TITLES  # key → message id
SEPARATORS = re.compile(r"[\n=＝/、，,;；]+")
ADDED, CHANGED, ENDED, RESTORED = "added", "changed", "ended", "restored"
EVENTS = {
    ADDED: "synonym_added",
    CHANGED: "synonym_changed",
    ENDED: "synonym_removed",
    RESTORED: "synonym_restored",
}
TEXTS = {
    "definition_zh": MAX_DEFINITION_LENGTH,
    "definition_en": MAX_DEFINITION_LENGTH,
    "source_zh": MAX_SOURCE_LENGTH,
    "source_en": MAX_SOURCE_LENGTH,
}


@dataclass(frozen=True, slots=True)
class WordsDraft:
    """Words of one meaning as staff typed them: the words with `=`, commas or line breaks between them, and why.

    `part`: the key of a part of the glossary in which they are a term as well, "" for synonyms alone; the other texts are of the term.
    """

    words: str = ""
    reason: str = ""
    part: str = ""
    definition_zh: str = ""
    definition_en: str = ""
    source_zh: str = ""
    source_en: str = ""


@dataclass(frozen=True, slots=True)
class StaffSynonymView:
    """Words of one meaning that staff have added. `ended_at`: None while they count; `part`: message id, "" for synonyms alone."""

    id: int
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    at: dt.datetime
    ended_at: dt.datetime | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class WordsChangeView:
    """One act on words: what, who, when, why, and the words before and after. `act`: one of the four codes; `before`: None at first."""

    act: str
    by: str
    at: dt.datetime
    reason: str
    before: StaffWords | None
    after: StaffWords

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the parts of the words that the act changed."""
        before = self.before or StaffWords("", "")
        return tuple(
            name for name, old, new in zip(StaffWords._fields, before, self.after, strict=True) if old != new
        )


@dataclass(frozen=True, slots=True)
class StaffWordsView:
    """One entry with all that it says and its history, newest act first. `version`: a change names it."""

    id: int
    words: StaffWords
    version: int
    ended_at: dt.datetime | None
    history: tuple[WordsChangeView, ...]

    @property
    def draft(self) -> WordsDraft:
        """The entry as a form shows it."""
        own = self.words._asdict()
        del own["english"], own["chinese"]
        return WordsDraft(words=" = ".join(self.words.words), **own)


# --- reading ----------------------------------------------------------------------------------------------------


def list_staff_synonyms(
    registry: Registry, actor: Actor, text: str = "", *, ended: bool = False
) -> list[StaffSynonymView]:
    """Return the words that staff have added, newest first. `text`: only those with it; `ended`: those that count no longer.

    Without a text all that count are there; of others at most `MAX_LISTED`.
    """
    require(actor, Action.READ)
    if ended:
        require(actor, Action.MANAGE_SYNONYMS)
    asked = (
        select(StaffSynonym.id, *CURRENT_COLUMNS, StaffSynonym.added_at, StaffSynonym.removed_at)
        .where(StaffSynonym.removed_at.is_not(None) if ended else StaffSynonym.removed_at.is_(None))
        .order_by((StaffSynonym.removed_at if ended else StaffSynonym.id).desc(), StaffSynonym.id.desc())
    )
    if wanted := " ".join(text.lower().split())[:MAX_WORD_LENGTH]:
        columns = (StaffSynonym.english, StaffSynonym.chinese)
        asked = asked.where(or_(*(func.lower(each).contains(wanted, autoescape=True) for each in columns)))
    if ended or wanted:
        asked = asked.limit(MAX_LISTED)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(asked).all()
    return [
        StaffSynonymView(
            row.id,
            tuple(row.english.splitlines()),
            tuple(row.chinese.splitlines()),
            row.added_at,
            row.removed_at,
            GROUP_TITLES.get(row.part, ""),
        )
        for row in rows
    ]


def list_built_in_synonyms(actor: Actor) -> tuple[SynonymEntry, ...]:
    """Return the synonyms that come with the registry."""
    require(actor, Action.READ)
    return built_in().entries


def list_staff_terms(registry: Registry, actor: Actor) -> tuple[StaffWords, ...]:
    """Return the words of staff that stand as terms in the glossary, oldest first, as they are now or were a second ago."""
    require(actor, Action.READ)
    return registry.synonyms.terms()


def get_staff_words(registry: Registry, actor: Actor, synonym_id: int) -> StaffWordsView:
    """Return words that staff have added, ended ones too, with who did what to them, when and why. Raises `NotFound`."""
    require(actor, Action.MANAGE_SYNONYMS)
    with read_transaction(registry.engine) as connection:
        row = _load(connection, synonym_id)
        changes = connection.execute(
            select(SynonymChange, func.coalesce(func.nullif(User.name, ""), User.email).label("by"))
            .join(User, User.id == SynonymChange.acted_by)
            .where(SynonymChange.synonym_id == synonym_id)
            .order_by(SynonymChange.id.desc())
            .limit(MAX_HISTORY)
        ).all()
    acts: list[WordsChangeView] = []
    before: StaffWords | None = None
    for change in reversed(changes):
        after = _words_of(change)
        acts.append(WordsChangeView(change.act, change.by, change.acted_at, change.reason, before, after))
        before = after
    return StaffWordsView(row.id, _words_of(row), row.version, row.removed_at, tuple(reversed(acts)))


# --- changing ---------------------------------------------------------------------------------------------------


def add_synonym(registry: Registry, actor: Actor, draft: WordsDraft) -> int:
    """Add words of one meaning, by any of which records are found from now on; return the id of the entry.

    Raises `Invalid` and `Forbidden`.
    """
    require(actor, Action.MANAGE_SYNONYMS)
    words = parse_words(draft)
    with unit_of_work(registry.engine) as connection:
        _require_room(connection)
        _require_new(connection, words, None)
        synonym_id = connection.execute(
            insert(StaffSynonym)
            .values(**words._asdict(), added_by=actor.user_id, added_at=clock.now())
            .returning(StaffSynonym.id)
        ).scalar_one()
        _record(connection, actor, synonym_id, _Act(ADDED, draft.reason, words))
    registry.synonyms.invalidate()
    return int(synonym_id)


def change_synonym(
    registry: Registry, actor: Actor, synonym_id: int, draft: WordsDraft, *, version: int
) -> None:
    """Put other words in place of those of an entry. `version`: the one that was shown.

    Raises `NotFound`, `Invalid`, and `Conflict` if the entry has ended or somebody has changed it meanwhile.
    """
    require(actor, Action.MANAGE_SYNONYMS)
    words = parse_words(draft)
    with unit_of_work(registry.engine) as connection:
        row = _load(connection, synonym_id, for_update=True)
        if row.removed_at is not None:
            raise Conflict("synonyms_removed")
        if row.version != version:
            raise Conflict("synonyms_changed_meanwhile")
        if words == _words_of(row):
            raise Invalid((Issue("words_unchanged", "words"),))
        _require_new(connection, words, synonym_id)
        _update(connection, row, **words._asdict())
        _record(connection, actor, synonym_id, _Act(CHANGED, draft.reason, words, _words_of(row)))
    registry.synonyms.invalidate()


def remove_synonym(registry: Registry, actor: Actor, synonym_id: int, reason: str) -> None:
    """End words that staff have added: they count no longer. Raises `NotFound`, `Invalid`, and `Conflict` if they have ended already."""
    require(actor, Action.MANAGE_SYNONYMS)
    require_reason(reason)
    with unit_of_work(registry.engine) as connection:
        row = _load(connection, synonym_id, for_update=True)
        if row.removed_at is not None:
            raise Conflict("synonyms_removed")
        _update(connection, row, removed_at=clock.now(), removed_by=actor.user_id)
        _record(connection, actor, synonym_id, _Act(ENDED, reason, _words_of(row)))
    registry.synonyms.invalidate()


def restore_synonym(registry: Registry, actor: Actor, synonym_id: int, reason: str) -> None:
    """Let ended words count again, as they were. Raises `NotFound`, `Invalid`, and `Conflict` if they have not ended."""
    require(actor, Action.MANAGE_SYNONYMS)
    require_reason(reason)
    with unit_of_work(registry.engine) as connection:
        row = _load(connection, synonym_id, for_update=True)
        if row.removed_at is None:
            raise Conflict("synonyms_not_ended")
        _require_room(connection)
        _require_new(connection, _words_of(row), synonym_id)
        _update(connection, row, removed_at=None, removed_by=None)
        _record(connection, actor, synonym_id, _Act(RESTORED, reason, _words_of(row)))
    registry.synonyms.invalidate()


def parse_words(draft: WordsDraft) -> StaffWords:
    """Return what a draft says, in order. Raises `Invalid` with all that is wrong."""
    words = [" ".join(part.split()) for part in SEPARATORS.split(draft.words)]
    words = list({fold_text(word): word for word in words if word}.values())
    chinese = [word for word in words if contains_chinese(word)]
    english = [word for word in words if not contains_chinese(word)]
    texts = {name: " ".join(getattr(draft, name).split()) for name in TEXTS}
    issues = list(_word_issues(words))
    if draft.part and not issues and not (chinese and english):
        issues.append(Issue("term_needs_both_languages", "words"))
    issues += _term_issues(draft.part, texts)
    issues += _reason_issues(draft.reason)
    _require_no_issues(issues)
    return StaffWords("\n".join(english), "\n".join(chinese), draft.part, **texts)


def require_reason(reason: str) -> None:
    """Raise `Invalid` unless a reason is given and short enough to be kept."""
    _require_no_issues(_reason_issues(reason))


def _word_issues(words: list[str]) -> Iterator[Issue]:
    if len(words) < MIN_WORDS:
        yield Issue("too_few_words", "words")
    if len(words) > MAX_WORDS:
        yield Issue("too_many_words", "words", {"at_most": MAX_WORDS, "number": len(words)})
    for word in words:
        parts = split_runs(word)
        short = contains_chinese(word) and len(word) < MIN_CHINESE_LENGTH
        if not parts or short or not query_parser.parse_query(word).clauses:
            yield Issue("word_without_meaning", "words", {"value": word[:MAX_WORD_LENGTH]})
        elif len(word) > MAX_WORD_LENGTH:
            yield Issue("too_long", "words", {"length": len(word), "at_most": MAX_WORD_LENGTH})


def _term_issues(part: str, texts: dict[str, str]) -> Iterator[Issue]:
    """Yield what is wrong with the texts of a glossary term: a definition has both languages and its source."""
    if part and part not in GROUP_TITLES:
        yield Issue("unknown_glossary_part", "part", {"value": part[:MAX_WORD_LENGTH]})
    for name, text in texts.items():
        if text and not part:
            yield Issue("text_needs_glossary_part", name)
        elif part and any(texts.values()) and not text:
            yield Issue("required", name)
        elif len(text) > TEXTS[name]:
            yield Issue("too_long", name, {"length": len(text), "at_most": TEXTS[name]})


def _reason_issues(reason: str) -> Iterator[Issue]:
    if not reason.strip():
        yield Issue("required", "reason")
    elif len(reason.strip()) > MAX_REASON_LENGTH:
        yield Issue("too_long", "reason", {"length": len(reason.strip()), "at_most": MAX_REASON_LENGTH})


def _require_no_issues(issues: Iterable[Issue]) -> None:
    if found := tuple(issues):
        raise Invalid(found)


def _require_room(connection: Connection) -> None:
    count = connection.execute(
        select(func.count()).select_from(StaffSynonym).where(StaffSynonym.removed_at.is_(None))
    ).scalar_one()
    if count >= MAX_STAFF_SYNONYMS:
        raise Invalid((Issue("too_many_synonyms", "words", {"at_most": MAX_STAFF_SYNONYMS}),))


def _require_new(connection: Connection, words: StaffWords, own_id: int | None) -> None:
    """Raise `Invalid` if another entry that counts has all of these words, or is the glossary's entry for one of the Chinese."""
    rows = connection.execute(
        select(StaffSynonym.id, *CURRENT_COLUMNS).where(
            StaffSynonym.removed_at.is_(None), StaffSynonym.id != (own_id or 0)
        )
    ).all()
    wanted, terms = ({fold_text(each) for each in part} for part in (words.words, words.chinese.splitlines()))
    for row in rows:
        other = _words_of(row)
        known = {fold_text(word) for word in other.words}
        if wanted <= known and (other.part or not words.part):
            raise Invalid((Issue("synonyms_known", "words", {"number": row.id}),))
        if words.part and other.part and terms & {fold_text(each) for each in other.chinese.splitlines()}:
            raise Invalid((Issue("term_known", "words", {"number": row.id}),))


def _load(connection: Connection, synonym_id: int, *, for_update: bool = False) -> FetchedRow:
    asked = select(StaffSynonym.id, *CURRENT_COLUMNS, StaffSynonym.removed_at, StaffSynonym.version).where(
        StaffSynonym.id == synonym_id
    )
    row = connection.execute(asked.with_for_update() if for_update else asked).first()
    if row is None:
        raise NotFound("synonym", str(synonym_id))
    return row


def _words_of(row: object) -> StaffWords:
    return StaffWords(*(getattr(row, name) for name in StaffWords._fields))


def _update(connection: Connection, row: FetchedRow, **values: object) -> None:
    connection.execute(
        update(StaffSynonym).where(StaffSynonym.id == row.id).values(**values, version=row.version + 1)
    )


@dataclass(frozen=True, slots=True)
class _Act:
    """What was done to words: the code, why, what they say then, and what a change put them in place of."""

    code: str
    reason: str
    words: StaffWords
    before: StaffWords | None = None


def _record(connection: Connection, actor: Actor, synonym_id: int, act: _Act) -> None:
    """Keep an act in the history of the words and in the audit log."""
    connection.execute(
        insert(SynonymChange).values(
            **act.words._asdict(),
            synonym_id=synonym_id,
            act=act.code,
            reason=act.reason.strip(),
            acted_by=actor.user_id,
            acted_at=clock.now(),
        )
    )
    said = " = ".join(act.words.words)
    if act.before is not None and act.before.words != act.words.words:
        said = f"{' = '.join(act.before.words)} → {said}"
    details = f"{said}; {act.reason.strip()}"
    audit_log.record(connection, actor, EVENTS[act.code], subject=str(synonym_id), details=details)
