"""Codes in words, for the doors: the message of an issue or of an error in the reader's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from registry.errors import Refusal
from registry.i18n import _, format_day, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.indicators import name_in_english
from registry.kit.issues import Issue
from registry.messages import declare, find_message

MESSAGES = {  # of codes that several rooms of the services raise
    "unknown_value": _("“%(value)s” is not a value of this parameter; known are: %(known)s."),
}

declare(__name__, MESSAGES)

# Parameters that hold a day. What somebody wrote is in others, and is quoted as it was written.
DAY_PARAMS = frozenset(
    {"at", "day", "due", "effective", "end", "first", "from", "issued", "last", "latest"}
    | {"report", "since", "start", "today", "until"}
)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def issue_message(issue: Issue, lang: str, definition: RegisterDefinition | None = None) -> str:
    """An issue as people read it; a parameter that the message lacks never breaks it."""
    message_id = definition.message_for(issue.code) if definition else _message_id(issue.code)
    params = dict(_in_language(issue.params, lang))
    if issue.field == "status" and definition:
        params = {name: _status_word(definition, value, lang) for name, value in params.items()}
    return _filled(message_id, params, lang)


def refusal_message(refusal: Refusal, lang: str) -> str:
    """What stands in the way of a request, as people read it."""
    return _filled(_message_id(refusal.reason), _in_language(refusal.params, lang), lang)


def _in_language(params: Mapping[str, Any], lang: str) -> Mapping[str, Any]:
    """Parameters of a message: in English those that come in both languages are taken from `<name>_en`."""
    if lang != "en":
        return params
    told = {name: params.get(f"{name}_en", value) for name, value in params.items()}
    if "row" in params and "name" in params:  # of a row of indicators: by the name that tables show for it
        told["name"] = name_in_english({"name_zh": params["name"], "name_en": params.get("name_en")})
    return told


def message_of_code(code: str, lang: str, params: Mapping[str, object] | None = None) -> str:
    """What a code says, as people read it."""
    return _filled(_message_id(code), params or {}, lang)


def refusal_issue(refusal: Refusal) -> Issue:
    """The reason of an error in the form in which the API tells issues."""
    return Issue(refusal.reason, "", dict(refusal.params))


def _message_id(code: str) -> str:
    message = find_message(code)
    return message.text if message else code


def _filled(message_id: str, params: Mapping[str, object], lang: str) -> str:
    template = gettext(message_id, lang)
    try:
        return template % {name: _day_in_words(name, value, lang) for name, value in params.items()}
    except (KeyError, TypeError, ValueError):
        return f"{template} {json.dumps(params, ensure_ascii=False, default=str)}"


def _day_in_words(name: str, value: object, lang: str) -> object:
    """A parameter that holds a day as people write it; any other one as it is."""
    is_day = name in DAY_PARAMS and ISO_DAY.fullmatch(str(value))
    return format_day(str(value), lang) if is_day else value


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
