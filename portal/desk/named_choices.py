"""What the text of a form of the desk may name, such as a notice: looked for below the form, and put into its field by a button."""

from __future__ import annotations

from collections.abc import Mapping

from portal.web import forms

USE, FIND, FOUND = "use", "find", "found"  # chosen, looked for, and looked for when the form was shown


def looked_for() -> str:
    """Return the number or the words that are looked for, "" for none."""
    return forms.field_text(FIND)


def is_looking() -> bool:
    """Return whether a form was sent to find or to name something: also where Enter was pressed in the field of what is looked for."""
    pressed = forms.field_text("go") == FIND or bool(forms.field_text(USE))
    return pressed or forms.field_text(FIND) != forms.field_text(FOUND)


def with_chosen(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, with the text that was chosen for a field behind what is there; as typed where nothing was chosen."""
    name, _colon, text = forms.field_text(USE).partition(":")
    before = typed.get(name)
    if before is None or text in before:
        return dict(typed)
    return {**typed, name: f"{before.rstrip()}；{text}" if before.strip() else text}
