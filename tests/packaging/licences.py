"""The licences of what a register runs on, by package of requirements.lock, and the bill of materials with them.

    python -m tests.packaging.licences SBOM

adds the licences to a bill of materials (CycloneDX, JSON) that was made from the lock, and prints them one a line.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
# Licences under which a package may be used: none asks anything of the register but to name it. LGPL and MPL ask for changes
# of the library itself only.
ALLOWED = frozenset(
    [
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "LGPL-2.1-or-later",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Unlicense",
        "Zlib",
    ]
)
# What packages write where an identifier of SPDX should stand.
BY_WORDS = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "ISC License (ISCL)": "ISC",
    "LGPL": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "The Unlicense (Unlicense)": "Unlicense",
    "Two-clause BSD license": "BSD-2-Clause",
}
READ_BY_US = {
    "pyrage": "MIT",
    "resvg-py": "MIT",
}  # these do not say it themselves; NOTICE has where it was read


def locked_packages(lock: str) -> dict[str, str]:
    """Name → version of each package of a lock."""
    return dict(LOCKED.findall(lock))


def licence_of(package: str) -> str:
    """The licence of an installed package as an expression of SPDX; "" where it says none that is known here."""
    told = distribution(package).metadata
    if expression := told.get("License-Expression"):
        return str(expression)
    classes = [
        each.rpartition("::")[2].strip()
        for each in told.get_all("Classifier") or []
        if each.startswith("License")
    ]
    words = [str(told.get("License") or "").strip(), *classes]
    named = (BY_WORDS.get(each) or (each if each in ALLOWED else "") for each in words)
    return next((each for each in named if each), READ_BY_US.get(package, ""))


def licences_in(expression: str) -> set[str]:
    """The identifiers that an expression names."""
    return set(re.findall(r"[A-Za-z0-9.+-]+", expression)) - {"AND", "OR", "WITH"}


def add_licences(bill: Path) -> dict[str, str]:
    """Write the licence of each component into a bill of materials; returns name → licence."""
    document = json.loads(bill.read_text("utf-8"))
    added = {each["name"]: licence_of(each["name"]) for each in document["components"]}
    for component in document["components"]:
        component["licenses"] = [{"expression": added[component["name"]]}]
    bill.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    return added


if __name__ == "__main__":
    for name, licence in sorted(add_licences(Path(sys.argv[1])).items()):
        print(f"{name}: {licence}")
