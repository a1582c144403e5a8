"""Meanings: the subjects of the index are encoded, in short steps, whenever the relay has nothing to deliver."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from registry.services.bootstrap import Registry

STEP_SECONDS = 0.5  # of one step: what is to be indexed meanwhile waits no longer
MAX_UNUSED_SHARE = 0.3  # of what is encoded: above it, what no record is about any more is dropped
REFUSED_SECONDS = 60.0  # until a disk that took nothing is tried again
FEW_TEXTS = 1_000  # of which none is dropped: to encode them again would cost more

log = logging.getLogger(__name__)


class MeaningWork:
    """What the relay remembers between steps: the parts of the index whose subjects are all encoded.

    A relay that starts again compares all parts with what is encoded, which takes a second, and encodes the rest.
    """

    def __init__(self) -> None:
        self._finished: dict[str, int] = {}  # part of the index → its number of subjects
        self._next_try = 0.0  # monotonic seconds

    def run_step(self, registry: Registry, may_go_on: Callable[[], bool] = lambda: True) -> bool:
        """Encode subjects that are not yet, for a short while; return True if there is more to do."""
        if not registry.near_texts.is_on:
            return False
        if time.monotonic() < self._next_try:
            return False
        try:
            return self._encode_for_a_while(registry, may_go_on)
        except OSError as problem:  # the disk is full: searches find by words, and filing goes on
            log.warning("meanings cannot be written, will try again: %s", problem)
            self._next_try = time.monotonic() + REFUSED_SECONDS
            return False

    def _encode_for_a_while(self, registry: Registry, may_go_on: Callable[[], bool]) -> bool:
        registry.near_texts.prepare()
        deadline = time.monotonic() + STEP_SECONDS
        parts = registry.search.subjects(self._finished)
        self._finished = {name: self._finished[name] for name, _subjects in parts if name in self._finished}
        for name, subjects in parts:
            if name not in self._finished:
                finished = registry.near_texts.encode(
                    subjects, lambda: may_go_on() and time.monotonic() < deadline
                )
                if not finished:
                    return True
                self._finished[name] = len(subjects)
        self._drop_unused(registry)
        return False

    def _drop_unused(self, registry: Registry) -> None:
        encoded, most_used = registry.near_texts.count(), sum(self._finished.values())
        if encoded > FEW_TEXTS and most_used < encoded * (1 - MAX_UNUSED_SHARE):
            used = {subject for _name, subjects in registry.search.subjects(()) for subject in subjects}
            registry.near_texts.keep_only(used)


def encode_all(registry: Registry, may_go_on: Callable[[], bool] = lambda: True) -> None:
    """Encode all subjects of the index that are not yet, as long as `may_go_on` agrees."""
    work = MeaningWork()
    while work.run_step(registry, may_go_on) and may_go_on():
        pass
