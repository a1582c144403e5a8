"""Mail: e-mail links, the letters that carry them, their texts, delivery and transport.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.mail.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.mail.email_links import ADDRESS_LINK, PASSWORD_LINK, SIGN_UP_LINK, EmailLinkView

__all__ = ["ADDRESS_LINK", "PASSWORD_LINK", "SIGN_UP_LINK", "EmailLinkView"]
