"""Template filters: messages, names and pieces of text as mark-up, for one language each.

Every piece says its language where it is not the page's, every English name where it comes from. They are filters and
not macros because a record's page has some eighty of them, and calling a macro costs ten times as much.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote

from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]

from portal.web.locale import OTHER_LANG
from registry import i18n
from registry.i18n import HTML_LANG, Lang, _
from registry.reference.text import sparse_dates
from registry.services.records import (
    CautionView,
    Piece,
    StatusView,
    Words,
    foreign_language,
    legal_basis_pieces,
    text_pieces,
)

SOURCE_MESSAGES = {
    "official": _("official"),
    "enterprise": _("supplied by the holder"),
    "platform": _("translated by the register"),
    "romanised": _("romanised"),
    "missing": _("not translated"),
}
# The source of an English name that does not stand directly before the note.
ENGLISH_SOURCE_MESSAGES = {
    "official": _("official English"),
    "enterprise": _("English supplied by the holder"),
    "platform": _("English translated by the register"),
    "romanised": _("English romanised"),
    "missing": _("not translated"),
}
# Where English that is suggested to a filer comes from.
SUGGESTION_SOURCE_MESSAGES = {
    "enterprise": _("from your earlier declarations"),
    "platform": _("from the glossary"),
}
PIECE_CLASSES = {
    "": "",
    "n": "pz-n",
    "hash": "pz-hash",
    "quiet": "pz-quiet",
    "strong": "pz-strong",
    "ended": "pz-ended",
}
BADGE_HTML = Markup(
    '<strong class="pz-st pz-st--%s"><svg class="pz-icon" aria-hidden="true" focusable="false">'
    '<use href="#i-%s"/></svg>%s</strong>'
)


class TemplateFilters:
    """The filters of one language; `filters` gives them by name."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self._translate = i18n.catalogue(lang).gettext
        self._translated: dict[str, str] = {"": ""}
        self._sources = self._marked(SOURCE_MESSAGES)
        self._of_english = self._marked(ENGLISH_SOURCE_MESSAGES)
        self._suggestion_sources = self._marked(SUGGESTION_SOURCE_MESSAGES)
        self._badges: dict[StatusView, Markup] = {}

    @property
    def filters(self) -> dict[str, Callable[..., str]]:
        return {
            "badge": self.badge,
            "caution": self.caution,
            "hash_groups": hash_groups,
            "legal_basis": self.legal_basis,
            "quoted": quoted,
            "foreign_lang": self.foreign_lang,
            "listed": self.listed,
            "name": self.name,
            "english_source_note": self.english_source_note,
            "other_name": self.other_name,
            "pieces": self.pieces,
            "word_source": self.word_source,
            "source_text": self.source_text,
            "suggestion_note": self.suggestion_note,
            "translate": self.translate,
            "typed_day": self.typed_day,
            "verbatim": self.verbatim,
        }

    def _marked(self, sources: Mapping[str, str]) -> dict[str, Markup]:
        return {
            code: Markup('<span class="%s">%s</span>')
            % ("pz-src pz-src--auto" if code == "romanised" else "pz-src", self._translate(message))
            for code, message in sources.items()
        }

    def translate(self, message: str) -> str:
        """Return a message in the language of the page. Messages are a closed set, so look-ups are cached."""
        message_text = self._translated.get(message)
        if message_text is None:
            message_text = self._translated[message] = self._translate(message)
        return message_text

    def typed_day(self, text: str) -> str:
        """Return a date that was typed as people write it, or as it was typed where it is none."""
        try:
            return i18n.format_day(sparse_dates.parse(text), self._lang)
        except ValueError:
            return text

    def listed(self, messages: Iterable[str], *, inside: bool = False) -> str:
        """Return messages as a sentence lists them. `inside`: the first does not begin the sentence."""
        texts = [self.translate(message) for message in messages]
        kept = 0 if inside else 1
        return i18n.format_list(
            [*texts[:kept], *(text[:1].lower() + text[1:] for text in texts[kept:])], self._lang
        )

    def word_source(self, code: str) -> Markup:
        """Return where the English before it comes from; nothing for an unknown source."""
        return self._sources.get(code, Markup())

    def english_source_note(self, code: str) -> Markup:
        """Return where an English name comes from that does not stand directly before."""
        return self._of_english.get(code, Markup())

    def suggestion_note(self, code: str) -> Markup:
        """Return where English that is suggested to a filer comes from."""
        return self._suggestion_sources[code]

    def badge(self, status: StatusView) -> Markup:
        """Return a status as word, silhouette and colour."""
        badge = self._badges.get(status)
        if badge is None:
            badge = self._badges[status] = BADGE_HTML % (
                status.badge,
                status.badge,
                getattr(status, self._lang),
            )
        return badge

    def caution(self, caution: CautionView, paths: Mapping[str, str]) -> Markup:
        """Return what a caution says; the number of the record that it names leads to its page, where `paths` has it."""
        text = fast_escape(caution.message(self._lang))
        number = str(caution.params.get("number") or "")
        if number in paths:
            written = fast_escape(number)
            address = fast_escape(paths[number])
            link = f'<a class="govuk-link pz-n" href="/{self._lang}{address}">{written}</a>'
            text = text.replace(written, link, 1)
        return as_markup(text)

    def name(self, words: Words) -> Markup:
        """Return the name in the reader's language, or the other one, marked with its language, if it is missing."""
        here = getattr(words, self._lang)
        if here:
            # The same in both languages, as models are: such a text may have Chinese words all the same.
            is_one = self._lang == "en" and words.zh == here
            return self.verbatim(here) if is_one else as_markup(fast_escape(here))
        other = OTHER_LANG[self._lang]
        return lang_span(getattr(words, other), HTML_LANG[other])

    def other_name(self, words: Words, pinyin: str = "") -> Markup:
        """Return the name in the other language, its pinyin with tones, and the source of the English."""
        source = self.english_source_note(words.en_source if words.en else "missing")
        reading = lang_span(pinyin, "zh-Latn") if pinyin else Markup()
        if self._lang == "en":
            both = (
                words.zh != words.en and words.en
            )  # without English, the Chinese stands in its place already
            chinese = lang_span(words.zh, "zh-Hans") if both else Markup()
            return as_markup(" ".join([part for part in (chinese, reading, source) if part]))
        if not (words.zh and words.en):
            return reading
        if words.en_source == "romanised":
            return as_markup(f"{reading or lang_span(words.en, 'zh-Latn')} {self.word_source('romanised')}")
        return as_markup(" ".join([part for part in (lang_span(words.en, "en"), source, reading) if part]))

    def foreign_lang(self, text: str) -> str:
        """Return the language of a text if it is plainly not that of the page, else ""."""
        return foreign_language(text, self._lang)

    def verbatim(self, text: str) -> Markup:
        """Return a text as its source wrote it, marked with its language if it is not that of the page."""
        lang = foreign_language(text, self._lang)
        return lang_span(text, lang) if lang else as_markup(fast_escape(text))

    def legal_basis(self, text: str) -> Markup:
        """Return a legal basis, on English pages with the titles of the laws in English as far as they are known."""
        return self.pieces(legal_basis_pieces(text, self._lang))

    def source_text(self, text: str) -> Markup:
        """Return a text as its source wrote it, on English pages in English if it consists of known words."""
        return self.pieces(text_pieces(text, self._lang))

    def pieces(self, pieces: Sequence[Piece]) -> Markup:
        """Return runs of text as mark-up, separated by spaces."""
        if len(pieces) == 1:
            return as_markup(self._piece(pieces[0]))
        return as_markup(" ".join([self._piece(piece) for piece in pieces]))

    def _piece(self, piece: Piece) -> str:
        """Joined as plain text, for speed: everything that comes from a record goes through `fast_escape`."""
        text = fast_escape(piece.text)
        if not (piece.lang or piece.path or piece.style or piece.source or piece.url):
            return text
        lang = f' lang="{piece.lang}"' if piece.lang else ""
        if piece.path:
            style = "govuk-link pz-n" if piece.style == "n" else "govuk-link"
            html = f'<a class="{style}" href="/{self._lang}{fast_escape(piece.path)}"{lang}>{text}</a>'
        elif piece.url:
            html = f'<a class="govuk-link" href="{fast_escape(piece.url)}" rel="nofollow noopener external"{lang}>{text}</a>'
        else:
            quiet = piece.lang == "zh-Hans" and self._lang == "en"
            style = PIECE_CLASSES[piece.style] or ("pz-quiet" if quiet else "")
            html = f'<span class="{style}"{lang}>{text}</span>' if style else f"<span{lang}>{text}</span>"
        return f"{html} {self.word_source(piece.source)}" if piece.source else html


@functools.lru_cache(2048)
def quoted(text: str) -> str:
    """Return a text as a part of an address (RFC 3986), such as the subject of a `mailto:` link."""
    return quote(text, safe="")


def hash_groups(text: str) -> str:
    """Return a hash in groups of eight characters, so that it can be compared and breaks over lines."""
    return " ".join([text[at : at + 8] for at in range(0, len(text), 8)])


def as_markup(text: str) -> Markup:
    """Return text that is mark-up already, every part of it escaped, as `Markup`, without the check that `Markup(text)` makes first."""
    return str.__new__(Markup, text)


def fast_escape(value: object) -> str:
    """Return `markupsafe.escape(value)` as a plain string, without the wrapper that makes up most of its cost."""
    if type(value) is Markup:
        return value
    if type(value) is str:
        return escape_text(value)
    return escape(value)


def lang_span(text: str, lang: str) -> Markup:
    """Return a text marked with a language other than the page's."""
    return as_markup(f'<span lang="{lang}">{fast_escape(text)}</span>')
