"""The name of an upload: only something to read, never a path, never trusted (OWASP ASVS 12.3.1)."""

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
    """The last part of a path, in NFC, without invisible characters, at most 200 long, ending as its kind does.

    `holiday.exe` that holds a PDF becomes `holiday.exe.pdf`: whoever saves it gets a file that is only shown.
    """
    text = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    # Controls, lone surrogates and marks of direction (Cf): “exe.fdp” must not read as “pdf.exe” backwards.
    seen = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text)
    stem, ending = _split_extension(" ".join(seen.split()), kind)
    return (stem.strip(" .")[: MAX_LENGTH - len(ending)] or "file") + ending


def _split_extension(name: str, kind: Kind) -> tuple[str, str]:
    """Stem and ending; the kind's own ending where the name has another."""
    stem, dot, last = name.rpartition(".")
    ending = (dot + last).lower()
    return (stem, ending) if ending in EXTENSIONS[kind] else (name, EXTENSIONS[kind][0])
