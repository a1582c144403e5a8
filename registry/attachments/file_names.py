"""Names of uploads: shown to people, never used as a path and never trusted (OWASP ASVS 12.3.1)."""

from __future__ import annotations

import re
import unicodedata

from registry.attachments.kinds import Kind

MAX_LENGTH = 200
EXTENSIONS: dict[Kind, tuple[str, ...]] = {
    "pdf": (".pdf",),
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "ofd": (".ofd",),
}


def sanitise_file_name(name: str, kind: Kind) -> str:
    """Return the last part of a path in NFC, without invisible characters, with the extension of its kind.

    At most `MAX_LENGTH` characters. `holiday.exe` that holds a PDF becomes `holiday.exe.pdf`, so that a person who
    saves it gets a file that is displayed, not executed.
    """
    text = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    # Controls, lone surrogates and bidirectional marks (Cf) go: “exe.fdp” must not be displayed as “pdf.exe”.
    visible = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text)
    stem, extension = _split_extension(" ".join(visible.split()), kind)
    return (stem.strip(" .")[: MAX_LENGTH - len(extension)] or "file") + extension


def _split_extension(name: str, kind: Kind) -> tuple[str, str]:
    """Return stem and extension; the kind's own extension if the name has another one."""
    stem, dot, last = name.rpartition(".")
    extension = (dot + last).lower()
    return (stem, extension) if extension in EXTENSIONS[kind] else (name, EXTENSIONS[kind][0])
