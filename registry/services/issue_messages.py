"""Issues in words, for the doors: a code's message in the reader's language, with its parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from registry.i18n import gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import MESSAGES, Issue


def issue_message(issue: Issue, lang: str, definition: RegisterDefinition | None = None) -> str:
    """An issue as people read it; a parameter that the message lacks never breaks it."""
    message = definition.message_for(issue.code) if definition else MESSAGES.get(issue.code, issue.code)
    template = gettext(message, lang)
    params = dict(issue.params)
    if lang == "en" and "name_en" in params:
        params["name"] = params["name_en"]
    if issue.field == "status" and definition:
        params = {name: _status_word(definition, value, lang) for name, value in params.items()}
    try:
        return template % params
    except (KeyError, TypeError, ValueError):
        return f"{template} {json.dumps(issue.params, ensure_ascii=False, default=str)}"


def _status_word(definition: RegisterDefinition, value: object, lang: str) -> object:
    """The word of a state, where the parameter names one; else the parameter."""
    code = definition.life_cycle.find_status(str(value))
    if code is None:
        return value
    state = definition.life_cycle.state(code)
    return state.zh if lang == "zh" else state.en


def issues_as_json(
    issues: Iterable[Issue], definition: RegisterDefinition | None = None, lang: str = "en"
) -> list[dict[str, Any]]:
    """Issues as the API shows them: code, field, params, message."""
    return [{**issue.as_json(), "message": issue_message(issue, lang, definition)} for issue in issues]
