"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere. Always on stderr."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_STEP = 5000  # items between two plain lines


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Yield a function to be called with the number of further items that are done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain(what)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda more: shown.advance(task, more)


def _plain(what: str) -> Callable[[int], None]:
    done = said = 0

    def advance(more: int) -> None:
        nonlocal done, said
        done += more
        if done - said >= PLAIN_STEP:
            said = done
            Console(stderr=True).print(f"{what} {done}", highlight=False)

    return advance
