"""Files that people hand in: what they are, whether they are safe, where they lie."""

import registry.attachments.messages  # noqa: F401 - declares the words of the codes of this room
