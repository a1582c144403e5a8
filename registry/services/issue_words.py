"""Issues in words, for the doors: a code's message in the reader's language, with its parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from registry.i18n import gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import WORDS, Issue


def in_words(issue: Issue, lang: str, definition: RegisterDefinition | None = None) -> str:
    """An issue as people read it; a parameter that the message lacks never breaks it."""
    message = definition.message_of(issue.code) if definition else WORDS.get(issue.code, issue.code)
    template = gettext(message, lang)
    try:
        return template % issue.params
    except (KeyError, TypeError, ValueError):
        return f"{template} {json.dumps(issue.params, ensure_ascii=False, default=str)}"


def as_json(
    issues: Iterable[Issue], definition: RegisterDefinition | None = None, lang: str = "en"
) -> list[dict[str, Any]]:
    """Issues as the API shows them: code, field, params, message."""
    return [{**issue.as_json(), "message": in_words(issue, lang, definition)} for issue in issues]
