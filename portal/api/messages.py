"""The words of the codes about the requests of programs."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "limit_range": _("`limit` is a number from 1 to %(most)s, not “%(value)s”."),
    "document_wanted": _('The body must be {"document": {field: value}, "signer": "name"}.'),
    "control_characters": _(
        "The text has control characters, or marks that turn its direction. Send it without them."
    ),
    "fields_wanted": _("The body must be an object: {field: value}."),
    "idempotency_key_form": _("`Idempotency-Key` has from 1 to 255 visible ASCII characters."),
    "not_json": _("The body of the request is not JSON."),
    "numbers_wanted": _('The body must be {"numbers": ["…"]}: a list of texts.'),
    "too_many_numbers": _("Give from 1 to %(most)s numbers, not %(count)s."),
    "number_too_long": _("A number has at most %(most)s characters."),
}

declare(__name__, MESSAGES)
