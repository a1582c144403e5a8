"""The one configuration of the logs: what a line looks like, which lines there are. The same for every process."""

from __future__ import annotations

import atexit
import datetime as dt
import logging
import sys
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TextIO

import orjson

from registry.observing.masking import mask_logs, mask_text
from registry.observing.repeats import REPEATS, RepeatFilter, report_error
from registry.observing.work import work_at_hand

LogFormat = Literal["keyvalue", "json"]
LEVELS = ("debug", "info", "warning", "error")
FORMATS: tuple[LogFormat, ...] = ("keyvalue", "json")
NOISY = ("alembic", "asyncio", "fontTools", "PIL", "urllib3")  # libraries: their warnings and errors only
TRACE_INDENT = "    | "  # before each further line: none can be taken for a line of its own
LIBRARY_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogChoice:
    """What the operator chooses. `access`: each request has a line; `slow_ms`: a slower one always has."""

    level: str = "info"
    format: LogFormat = "keyvalue"
    access: bool = False
    slow_ms: int = 1000


class LineFormatter(logging.Formatter):
    """One record as one line: time, level, process, pid, where from, request, message, then what else it has."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the fields of a line, in their order, without the traceback."""
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
        work = work_at_hand()
        fields: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "process": self._process,
            "pid": record.process,
            "from": record.name,
        }
        if work is not None:
            fields["request"] = work.request_id
        fields["message"] = record.getMessage()
        for name, value in vars(record).items():
            if name not in LIBRARY_FIELDS:
                fields[name] = mask_text(value) if isinstance(value, str) else value
        return fields

    def traceback(self, record: logging.LogRecord) -> str:
        """Return the traceback of a record, masked; "" if it has none."""
        if record.exc_info and record.exc_info[0] and not record.exc_text:
            record.exc_text = mask_text(self.formatException(record.exc_info))
        return record.exc_text or ""


class KeyValueFormatter(LineFormatter):
    """`time=… level=… process=… message="…"`: values with blanks, quotes or controls stand as JSON strings."""

    def format(self, record: logging.LogRecord) -> str:
        line = " ".join(f"{name}={_plain(value)}" for name, value in self.fields(record).items())
        trace = self.traceback(record)
        if not trace:
            return line
        return "\n".join((line, *(TRACE_INDENT + _printable(each) for each in trace.splitlines())))


class JsonFormatter(LineFormatter):
    """One JSON object a line; the traceback is its last field."""

    def format(self, record: logging.LogRecord) -> str:
        fields = self.fields(record)
        if trace := self.traceback(record):
            fields["traceback"] = trace
        return orjson.dumps(fields, default=str).decode()


def _plain(value: object) -> str:
    text = str(value)
    if text and text.isprintable() and not any(sign in text for sign in ' "='):
        return text
    return _printable(orjson.dumps(text.encode("utf-8", "replace").decode()).decode())


def _printable(text: str) -> str:
    """A text whose controls and separators of lines cannot act on a terminal."""
    return (
        text
        if text.isprintable()
        else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
    )


FORMATTERS: dict[LogFormat, type[LineFormatter]] = {"keyvalue": KeyValueFormatter, "json": JsonFormatter}


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment: a command may have put another in its place."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def configure_logs(choice: LogChoice, process: str) -> None:
    """Write all logs of this process to its standard error in the chosen form, and let nothing else handle them.

    `process`: its name in every line. What ends the process or a thread of it unexpectedly is logged too.
    """
    mask_logs()
    handler = _StandardError()
    handler.setFormatter(FORMATTERS[choice.format](process))
    handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(choice.level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    atexit.unregister(log_repeats)
    atexit.register(log_repeats, everything=True)


def log_repeats(*, everything: bool = False) -> None:
    """Log how often trouble has come again that was told in an interval that has ended."""
    for error_id, again in REPEATS.take_ended(everything=everything):
        log.warning("the same came again", extra={"error_id": error_id, "repeated": again})


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    report_error(log, "ended unexpectedly", error.with_traceback(trace))
