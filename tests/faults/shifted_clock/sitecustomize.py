"""A wrong clock for a program that is not told of it: with this folder on its path the register's only clock is shifted.

`PINZHENG_TEST_CLOCK` names a file with the number of days; it is read each time, so that the clock of a running server jumps.
What is told once a minute is told each second, so that each of several faults has its own lines.
"""

import datetime as dt
import os

from registry import clock
from registry.observing import recent_trouble
from registry.observing.repeats import REPEATS

_file = os.open(os.environ["PINZHENG_TEST_CLOCK"], os.O_RDONLY | os.O_CLOEXEC)  # open: none can be free later
_right_now = clock.now


def _shifted_now() -> dt.datetime:
    return _right_now() + dt.timedelta(days=int(os.pread(_file, 16, 0)))


clock.now = _shifted_now
REPEATS._interval = 1.0
recent_trouble.RECENT_SECONDS = 4.0
