"""Options whose value may be left out: ``--speakers meeting.mp4`` and ``--speakers 2 meeting.mp4``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

OPTIONAL: Mapping[str, tuple[re.Pattern[str], str]] = {"--speakers": (re.compile(r"[0-9]+(-[0-9]*)?|auto"), "auto")}
"""What a value looks like, and what stands for none. Anything else that follows is an argument of its own."""


def complete_values(arguments: Sequence[str], *, taking: Collection[str]) -> list[str]:
    """Write values that were left out, so that a parser that knows no optional values reads the command line right.

    Parameters
    ----------
    arguments
        What follows the name of the command.
    taking
        The options that take the next argument for their value, whatever it looks like.

    Returns
    -------
    list of str
        The same arguments, each option of `OPTIONAL` joined with its value.
    """
    complete: list[str] = []
    waiting = list(reversed(arguments))
    while waiting:
        argument = waiting.pop()
        if argument == "--":
            return [*complete, argument, *reversed(waiting)]
        if argument in OPTIONAL and argument in taking:
            pattern, default = OPTIONAL[argument]
            value = waiting.pop() if waiting and pattern.fullmatch(waiting[-1]) else default
            complete.append(f"{argument}={value}")
        else:
            complete.append(argument)
            if argument in taking and waiting:
                complete.append(waiting.pop())
    return complete
