"""The threads of a web process: they answer requests in order of arrival, but costly ones never take all of them.

Requests that write may wait for a lock, and some answers take long to make: a probe or a page must not stand behind them.
Whether a request is costly is learned from how long the last ones of its kind took; a kind that is not known counts as costly.
"""

from __future__ import annotations

import enum
import math
import re
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

COSTLY_SECONDS = 0.25  # mean of a kind
NEWEST_WEIGHT = 0.3  # of the newest time in the mean of its kind
MAX_KINDS = 1_000
MAX_SEGMENTS = 5
PLAIN_SEGMENT = re.compile(rb"[a-z._-]*[0-9]{0,2}[a-z._-]*")  # else a number, a digest, a name


class Cost(enum.Enum):
    """What a thread is needed for."""

    READS = enum.auto()
    COSTLY = enum.auto()
    WRITES = enum.auto()


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do in a thread. `run` raises nothing; `kind`: what similar jobs have in common."""

    run: Callable[[], None]
    kind: bytes
    writes: bool


def kind_of(request_line: bytes) -> bytes:
    """Return the method and the beginning of the path of a request, a star for each number or name in it."""
    method, _space, target = request_line.partition(b" ")
    path = target.partition(b" ")[0].partition(b"?")[0]
    segments = path.split(b"/", MAX_SEGMENTS + 1)[: MAX_SEGMENTS + 1]
    return method + b"/".join(each if PLAIN_SEGMENT.fullmatch(each) else b"*" for each in segments)


class Threads:
    """A fixed number of threads.

    Half of them at most are for costly jobs, a quarter for those of one costly kind, half for jobs that write; one is always
    left for others. While one writes, three eighths of them are for quick jobs: the threads of a process share one processor, and
    the thread that has the lock of writers would otherwise get an eighth of it while others wait for that lock.
    """

    def __init__(self, count: int) -> None:
        half = max(1, count // 2)
        self._most = {Cost.COSTLY: half, Cost.WRITES: half}
        self._most_together = max(1, count - 1)
        self._most_of_kind = max(1, count // 4)
        self._most_reads_beside_writes = max(1, count * 3 // 8)
        self._busy: Counter[Cost] = Counter()
        self._busy_kinds: Counter[bytes] = Counter()  # costly ones
        self._reads: deque[Job] = deque()
        self._writes: deque[Job] = deque()
        self._costly: dict[bytes, deque[Job]] = {}  # by kind
        self._seconds: OrderedDict[bytes, float] = OrderedDict()  # mean by kind, the one used last at the end
        self._changed = threading.Condition()
        for number in range(count):
            threading.Thread(target=self._work, name=f"web-{number}", daemon=True).start()

    def submit(self, job: Job) -> None:
        """Have a job done."""
        with self._changed:
            self._enqueue(job)
            self._changed.notify()

    def _enqueue(self, job: Job) -> None:
        if job.writes:
            self._writes.append(job)
        elif self._is_costly(job):
            self._costly.setdefault(job.kind, deque()).append(job)
        else:
            self._reads.append(job)

    def _is_costly(self, job: Job) -> bool:
        return self._seconds.get(job.kind, math.inf) > COSTLY_SECONDS

    def _work(self) -> None:
        while True:
            with self._changed:
                while (found := self._take()) is None:
                    self._changed.wait()
            job, cost = found
            begun = time.monotonic()
            job.run()
            with self._changed:
                self._busy[cost] -= 1
                if cost is Cost.COSTLY:
                    self._busy_kinds[job.kind] -= 1
                    self._busy_kinds += Counter()  # forgets those without any
                self._learn(job.kind, time.monotonic() - begun)
                if cost is Cost.WRITES:
                    self._changed.notify_all()
                else:
                    self._changed.notify()

    def _take(self) -> tuple[Job, Cost] | None:
        while self._reads and not self._leaves_processor_to_writes():
            job = self._reads.popleft()
            if not self._is_costly(job):
                self._busy[Cost.READS] += 1
                return job, Cost.READS
            self._enqueue(job)  # learned since it was submitted
        if sum(self._busy[cost] for cost in self._most) >= self._most_together:
            return None
        for cost in sorted(self._most, key=lambda cost: self._busy[cost]):
            if self._busy[cost] < self._most[cost]:
                found = self._take_costly() if cost is Cost.COSTLY else self._take_writing()
                if found is not None:
                    self._busy[cost] += 1
                    return found, cost
        return None

    def _leaves_processor_to_writes(self) -> bool:
        return bool(self._busy[Cost.WRITES]) and self._busy[Cost.READS] >= self._most_reads_beside_writes

    def _take_writing(self) -> Job | None:
        return self._writes.popleft() if self._writes else None

    def _take_costly(self) -> Job | None:
        """Take a job of the kind that has fewest threads, among those of the kind that is done soonest."""
        kinds = [kind for kind in self._costly if self._busy_kinds[kind] < self._most_of_kind]
        if not kinds:
            return None
        kind = min(kinds, key=lambda kind: (self._busy_kinds[kind], self._seconds.get(kind, 0.0)))
        job = self._costly[kind].popleft()
        if not self._costly[kind]:
            del self._costly[kind]
        self._busy_kinds[kind] += 1
        return job

    def _learn(self, kind: bytes, seconds: float) -> None:
        before = self._seconds.pop(kind, math.inf)
        mean = seconds if before is math.inf else before + NEWEST_WEIGHT * (seconds - before)
        self._seconds[kind] = mean
        if mean <= COSTLY_SECONDS < before and kind in self._costly:
            self._reads.extend(self._costly.pop(kind))
            self._changed.notify_all()
        while len(self._seconds) > MAX_KINDS:
            self._seconds.popitem(last=False)
