"""The words of the codes about searches and the words of searches."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, Messages, declare

MESSAGES: Messages = {
    "too_few_words": _("Give at least two words that mean the same, with = between them."),
    "too_many_words": _("These are %(number)s words; at most %(at_most)s fit into one entry."),
    "word_without_meaning": _("“%(value)s” is too short or too common: it would find almost everything."),
    "too_many_saved": _("You have %(at_most)s saved searches already. Remove some that you do not need."),
    "too_many_synonyms": _("There are %(at_most)s entries already. End some that are not needed."),
    "bad_token": _("“%(value)s” is not the `next` of an earlier answer."),
    "order_needs_one_scale": Message(
        _("Grades can be ordered only within one scheme: choose a register that grades, and a scheme of it."),
        unspoken=("value",),
    ),
    "unknown_parameter": _("There is no parameter “%(name)s” here; known are: %(known)s."),
    "synonyms_removed": _("These words have been ended already."),
    "synonyms_not_ended": _("These words count already."),
    "synonyms_changed_meanwhile": _(
        "Somebody else has changed these words meanwhile. Open their page again and look at what they say now."
    ),
    "synonyms_known": _("Entry %(number)s has these words already. Change that one."),
    "term_known": _(
        "Entry %(number)s is the glossary’s for one of these Chinese words already. Change that one."
    ),
    "term_needs_both_languages": _("A term of the glossary needs words in Chinese and in English."),
    "unknown_glossary_part": _("“%(value)s” is no part of the glossary."),
    "text_needs_glossary_part": _("Choose the part of the glossary, or leave this empty."),
    "words_unchanged": _("Nothing differs from what the entry says already."),
}

declare(__name__, MESSAGES)
