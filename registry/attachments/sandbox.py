"""Sandbox: a file is examined, a picture redrawn, the text of a PDF or the codes in a picture are read, in a process of its own with little time and memory.

A file that is made to exhaust a reader exhausts that process only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import cast

from registry.attachments import slots
from registry.attachments.kinds import Kind
from registry.attachments.rejection import RejectedFile

EXAMINATION_MODULE = (
    "registry.attachments.examination"  # not imported: only the child process loads the PDF library
)
EXAMINATION_SECONDS = 8  # on the clock; the process itself may use five of the processor
TEXT_MODULE = "registry.attachments.pdf_text"
TEXT_SECONDS = 40
POLL_SECONDS = 0.5
MAX_TEXT_BYTES = 200_000  # of a text, in UTF-8, all pages together: some 65,000 Chinese characters
PAGE_BREAK = "\f"
CODES_PROGRAM = Path(__file__).with_name(
    "codes_in_picture.py"
)  # run by its path: it needs nothing of this project
CODES_SECONDS = 8
REDRAWING_PROGRAM = Path(__file__).with_name("picture_redrawing.py")  # as the one above
REDRAWING_SECONDS = 8


def examine(path: Path, slots_folder: Path) -> Kind:
    """Return the type of a file that is safe. `slots_folder`: shared by the processes of the installation.

    Raises `RejectedFile` as `kinds.recognise` and `pdf_active_content.check_pdf` do, or file_too_complex if the process
    fails or is too slow; `Unavailable` (files_busy) if as many files as may be are being examined.
    """
    command = [sys.executable, "-m", EXAMINATION_MODULE, str(path)]
    with slots.hold_slot(slots_folder, "files", busy="files_busy"):
        try:
            completed = subprocess.run(  # noqa: S603 - our own interpreter and module; we made the path
                command,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=EXAMINATION_SECONDS,
                check=True,
            )
            answer = json.loads(completed.stdout)
        except (subprocess.SubprocessError, ValueError) as problem:
            raise RejectedFile("file_too_complex") from problem
    if answer["code"]:
        raise RejectedFile(answer["code"], **answer["params"])
    return cast("Kind", answer["kind"])


def read_pdf_text(path: Path, stop: threading.Event | None = None) -> str | None:
    """Return the text of a PDF, pages separated by `PAGE_BREAK`; as far as it can be read in time, "" for nothing.

    At most `MAX_TEXT_BYTES` and the page breaks. Never raises for what is in the file. None if `stop`
    was set meanwhile.
    """
    command = [sys.executable, "-m", TEXT_MODULE, str(path)]
    deadline = time.monotonic() + TEXT_SECONDS
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module; we made the path
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        while True:
            try:
                output, _none = process.communicate(timeout=POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                stopped = stop is not None and stop.is_set()
                if stopped or time.monotonic() > deadline:
                    process.kill()
                if stopped:
                    return None
    lines = output.split(b"\n")[:-1]  # a page that was cut off has no end
    return PAGE_BREAK.join(str(json.loads(line)) for line in lines).rstrip(PAGE_BREAK)


def read_codes(picture: bytes, slots_folder: Path) -> tuple[str, ...]:
    """Return what the QR codes and barcodes in a JPEG, PNG or WebP picture say, each once; none if there are none.

    Raises `RejectedFile` (picture_size, picture_unreadable, picture_too_slow), and `Unavailable` if as many pictures as
    may be are being read. The picture is written nowhere. `slots_folder`: as in `examine`.
    """
    with slots.hold_slot(slots_folder, "codes", busy="pictures_busy"):
        try:
            completed = subprocess.run(  # noqa: S603 - our own interpreter and program
                [sys.executable, "-I", str(CODES_PROGRAM)],
                input=picture,
                capture_output=True,
                timeout=CODES_SECONDS,
                check=True,
            )
            answer = json.loads(completed.stdout)
        except (subprocess.SubprocessError, ValueError) as problem:
            raise RejectedFile("picture_too_slow") from problem
    if "codes" not in answer:
        raise RejectedFile(answer["code"], **answer["params"])
    return tuple(answer["codes"])


def redraw(path: Path, slots_folder: Path) -> Kind:
    """Replace a picture by one that shows the same, small and without metadata; returns its kind.

    Raises `RejectedFile` (picture_size, picture_small, picture_damaged, file_too_complex), and `Unavailable` if as many
    files as may be are being examined. `slots_folder`: as in `examine`.
    """
    redrawn = path.with_name(f"{path.name}.redrawn")
    try:
        with slots.hold_slot(slots_folder, "files", busy="files_busy"):
            completed = subprocess.run(  # noqa: S603 - our own interpreter and program; we made the paths
                [sys.executable, "-I", str(REDRAWING_PROGRAM), str(path), str(redrawn)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=REDRAWING_SECONDS,
                check=True,
            )
        answer = json.loads(completed.stdout)
        if "code" in answer:
            raise RejectedFile(answer["code"], **answer["params"])
        redrawn.replace(path)
    except (subprocess.SubprocessError, ValueError) as problem:
        raise RejectedFile("file_too_complex") from problem
    finally:
        redrawn.unlink(missing_ok=True)
    return cast("Kind", answer["kind"])
