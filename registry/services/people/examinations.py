"""Files that wait to be examined: taken over from web requests, worked off two at a time, their results kept for a day.

A file lies in `attachments/examining` as `TOKEN.file` beside `TOKEN.json`, which says whose it is; what has become of it is
`TOKEN.result`. All three are written whole and then renamed, so that a process killed at any point loses nothing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import re
import secrets
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.attachments import file_names, file_store, sandbox, slots, virus_scanner
from registry.attachments.kinds import Kind
from registry.attachments.model import Attachment
from registry.attachments.rejection import RejectedFile
from registry.errors import BeingExamined, Conflict, Invalid, RegistryError, Unavailable
from registry.kit.issues import Issue
from registry.observing.recent_trouble import note_system_error
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow
from registry.store.locks import Lock, claim_file, hold_file_lock, is_held
from registry.store.unit_of_work import read_transaction, unit_of_work

FILE_FIELD = "file"
EXAMINER_LOCK = Lock("examiner")  # held by the process that works off what waits
TOKEN = re.compile(r"(\d{1,12})-[0-9a-f]{32}")
REQUEST, FILE, RESULT, INCOMPLETE = ".json", ".file", ".result", ".incomplete"
WAIT_SECONDS, POLL_SECONDS, IDLE_SECONDS = 2.0, 0.05, 0.1
RETRY_SECONDS = 5.0
PICTURE_KINDS = ("jpeg", "png")
log = logging.getLogger(__name__)
_waiters = threading.BoundedSemaphore(1)  # of one process: other threads are not made to wait
_columns = tuple(Attachment.__table__.columns)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that was received whole. `name`: on the machine of its sender; `required_kind`: the only one taken, or "".

    `is_picture`: only JPEG and PNG are taken, and what is stored is the picture redrawn.
    """

    owner: int | None
    name: str
    sha256: str
    size: int
    required_kind: str = ""
    is_picture: bool = False


def is_at_work(registry: Registry) -> bool:
    """True if a process works off what waits."""
    return is_held(EXAMINER_LOCK, registry.settings.data_dir)


def hand_over(registry: Registry, path: Path, file: ReceivedFile) -> str:
    """Put a file where it will be examined; returns the token by which its result is found."""
    folder = _folder(registry)
    token = f"{file.owner or 0}-{secrets.token_hex(16)}"
    path.replace(folder / f"{token}{FILE}")
    _write(folder / f"{token}{REQUEST}", dataclasses.asdict(file))
    return token


def collect(registry: Registry, token: str, *, owner: int | None = None, wait: bool = True) -> FetchedRow:
    """The row of an examined file; with `wait`, after a moment at most. `owner`: whose it must be, None for anybody's.

    Raises `Invalid` (what is wrong with it; file_lost for an unknown token), `BeingExamined`, `Unavailable`.
    """
    named = TOKEN.fullmatch(token)
    if named is None or owner not in (None, int(named[1])):
        raise Invalid((Issue("file_lost", FILE_FIELD),))
    folder = _folder(registry)
    result = _read(folder / f"{token}{RESULT}")
    if result is None and (request := _read(folder / f"{token}{REQUEST}")) is not None:
        if not is_at_work(registry):
            _examine(registry, token)
        elif wait:
            _wait_for(folder / f"{token}{RESULT}")
        result = _read(folder / f"{token}{RESULT}")
        if result is None:
            raise BeingExamined(token, str(request["name"]))
    return _row_of(registry, result)


def _wait_for(path: Path) -> None:
    """Wait until a file is there, for a moment at most, and not if another thread of this process waits already."""
    if not _waiters.acquire(blocking=False):
        return
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    finally:
        _waiters.release()


def _row_of(registry: Registry, result: dict[str, Any] | None) -> FetchedRow:
    """The row that a result names. Raises what it says otherwise."""
    if result is None:
        raise Invalid((Issue("file_lost", FILE_FIELD),))
    if "unavailable" in result:
        raise Unavailable(result["unavailable"])
    if "code" in result:
        raise Invalid((Issue(result["code"], FILE_FIELD, result["params"]),))
    with read_transaction(registry.engine) as connection:
        row = connection.execute(select(*_columns).where(Attachment.id == result["id"])).one_or_none()
    if row is None:
        raise Invalid((Issue("file_lost", FILE_FIELD),))
    return row


def examine_received(registry: Registry, path: Path, file: ReceivedFile) -> FetchedRow:
    """Examine a file and move it into the store; returns its row.

    Raises `Invalid`, and `Unavailable` without a verdict of the scanner or a free slot.
    """
    try:
        kind = _check_file(registry, path, file)
        if file.is_picture:
            kind = sandbox.redraw(path, registry.settings.slots_dir)
            redrawn = path.read_bytes()
            file = dataclasses.replace(file, sha256=hashlib.sha256(redrawn).hexdigest(), size=len(redrawn))
    except RejectedFile as rejection:
        raise Invalid((Issue(rejection.code, FILE_FIELD, rejection.params),)) from rejection
    root = registry.settings.attachments_dir
    values = {
        "sha256": file.sha256,
        "size": file.size,
        "kind": kind,
        "name": file_names.sanitise_file_name(file.name, kind),
        "uploaded_by": file.owner,
        "created_at": clock.now(),
    }
    with file_store.lock_store(root):
        file_store.move_into_store(root, path, file.sha256)
        with unit_of_work(registry.engine) as connection:
            inserted = insert(Attachment).values(**values).returning(*_columns)
            row: FetchedRow = connection.execute(inserted).one()
            return row


def _check_file(registry: Registry, path: Path, file: ReceivedFile) -> Kind:
    """Return the type of the file. Raises `RejectedFile`, and `Unavailable` without a verdict of the scanner."""
    kind = sandbox.examine(path, registry.settings.slots_dir)
    if file.required_kind and kind != file.required_kind:
        raise RejectedFile("file_of_another_kind", wanted=file.required_kind.upper())
    if file.is_picture and kind not in PICTURE_KINDS:
        raise RejectedFile("file_of_another_kind", wanted=" / ".join(PICTURE_KINDS).upper())
    address = registry.settings.clamav
    if address and (signature := virus_scanner.scan_file(address, path)):
        raise RejectedFile("file_infected", name=signature)
    return kind


def run_examinations_forever(registry: Registry, stop: threading.Event) -> None:
    """Work off what waits until `stop` is set, as many files at a time as there are slots. A second process waits."""
    require(SYSTEM, Action.RELAY)
    while not stop.is_set():
        try:
            _examine_what_waits(registry, stop)
        except (
            OSError
        ) as problem:  # no descriptor or space is left for the moment, and no other thread does this work
            note_system_error(problem)
            log.warning("files wait to be examined, will try again: %s", problem)
            stop.wait(RETRY_SECONDS)


def _examine_what_waits(registry: Registry, stop: threading.Event) -> None:
    try:
        with (
            hold_file_lock(EXAMINER_LOCK, registry.settings.data_dir, stop),
            ThreadPoolExecutor(slots.MAX_AT_A_TIME, "examination") as pool,
        ):
            at_work: dict[str, Future[None]] = {}
            while not stop.wait(IDLE_SECONDS):
                at_work = {token: future for token, future in at_work.items() if not future.done()}
                for token in _waiting_tokens(registry):
                    if token not in at_work and len(at_work) < slots.MAX_AT_A_TIME:
                        at_work[token] = pool.submit(_examine, registry, token)
    except Conflict:
        if not stop.is_set():
            raise


def run_examinations_once(registry: Registry) -> int:
    """Work off what waits now; returns how many files were examined."""
    require(SYSTEM, Action.RELAY)
    tokens = _waiting_tokens(registry)
    for token in tokens:
        _examine(registry, token)
    return len(tokens)


def count_waiting(registry: Registry) -> int:
    """Return how many files wait to be examined or are being examined."""
    return len(_waiting_tokens(registry))


def _waiting_tokens(registry: Registry) -> list[str]:
    """The tokens of the files that wait, the oldest first."""
    requests = []
    for path in _folder(registry).glob(f"*{REQUEST}"):
        with suppress(FileNotFoundError):
            requests.append((path.stat().st_mtime, path.name.removesuffix(REQUEST)))
    return [token for _time, token in sorted(requests)]


def _examine(registry: Registry, token: str) -> None:
    """Examine a file that waits, and write what has become of it. What the store cannot take now waits on.

    What another process examines already is left to it: machines that share the folder see the same files.
    """
    with claim_file(_folder(registry) / f"{token}{REQUEST}") as claimed:
        if claimed:
            _examine_claimed(registry, token)


def _examine_claimed(registry: Registry, token: str) -> None:
    folder = _folder(registry)
    request = _read(folder / f"{token}{REQUEST}")
    path = folder / f"{token}{FILE}"
    if request is None:
        return
    try:
        result = {"id": examine_received(registry, path, ReceivedFile(**request)).id}
    except Invalid as refused:
        [issue] = refused.issues
        result = {"code": issue.code, "params": issue.params}
    except Unavailable as unavailable:
        if unavailable.reason != "virus_scanner_unavailable":
            time.sleep(IDLE_SECONDS)
            return
        result = {"unavailable": unavailable.reason}
    except FileNotFoundError:  # a process was killed between storing the file and saying so: it is sent again
        result = {"code": "file_lost", "params": {}}
    except (RegistryError, OSError) as problem:
        log.warning("file %s waits on: %s", token, problem)
        time.sleep(RETRY_SECONDS)
        return
    except Exception:
        log.exception("file %s could not be examined", token)
        result = {"code": "file_too_complex", "params": {}}
    _write(folder / f"{token}{RESULT}", result)
    (folder / f"{token}{REQUEST}").unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def remember(registry: Registry, subject: str, token: str) -> None:
    """Remember that the file behind a token belongs to something, such as `draft-12`."""
    _write(_folder(registry) / f"{subject}.pending", {"token": token})


def remembered(registry: Registry, subject: str) -> str:
    """The token of the file that was remembered for something, "" for none."""
    pending = _read(_folder(registry) / f"{subject}.pending")
    return str(pending["token"]) if pending else ""


def forget(registry: Registry, subject: str) -> None:
    """Forget the file that was remembered for something."""
    (_folder(registry) / f"{subject}.pending").unlink(missing_ok=True)


def purge_examinations(registry: Registry, before: float) -> int:
    """Delete what was left here `before` this time (seconds since 1970); returns how many."""
    removed = 0
    for path in list(_folder(registry).iterdir()):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def _folder(registry: Registry) -> Path:
    folder = registry.settings.attachments_dir / "examining"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a small file whole: a reader finds all of it or nothing."""
    incomplete = path.with_name(path.name + INCOMPLETE)
    incomplete.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    incomplete.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return content
