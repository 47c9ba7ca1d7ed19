"""Times as people write them on a command line."""

from __future__ import annotations

import re

from panglot.errors import OptionError
from panglot.units import Seconds

_SECONDS = re.compile(r"\d+(\.\d*)?|\.\d+")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d*)?)")


def parse_time(text: str, *, option: str) -> Seconds:
    """Read seconds (``90.5``) or a clock time (``1:30.5``, ``01:02:03``).

    Parameters
    ----------
    text
        What the user wrote.
    option
        Name of the option, for the message.

    Returns
    -------
    Seconds
        Zero or more.

    Raises
    ------
    OptionError
        If it is neither.
    """
    value = text.strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    clock = _CLOCK.fullmatch(value)
    if clock:
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2]), float(clock[3])
        if minutes < 60 and seconds < 60:
            return hours * 3600 + minutes * 60 + seconds
    raise OptionError(f"{option} {text!r} is not a time. Write seconds (90.5) or [HH:]MM:SS (1:30, 01:02:03.5).")


def parse_range(start: str, end: str | None) -> tuple[Seconds, Seconds | None]:
    """Read ``--start`` and ``--end``.

    Parameters
    ----------
    start
        What the user wrote for ``--start``.
    end
        What the user wrote for ``--end``; ``None`` for the end of the recording.

    Returns
    -------
    tuple of Seconds and Seconds or None
        Start and end.

    Raises
    ------
    OptionError
        If one is not a time, or the end is not after the start.
    """
    first = parse_time(start, option="--start")
    last = None if end is None else parse_time(end, option="--end")
    if last is not None and last <= first:
        raise OptionError(f"--end {end} is not after --start {start}. Give an end after the start, or none.")
    return first, last
