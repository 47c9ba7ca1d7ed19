"""How many speakers, as people write it on a command line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from panglot.errors import OptionError

_RANGE = re.compile(r"([0-9]{1,4})(-([0-9]{1,4})?)?")
_HOW = "Give a number (2), a range (2-5), a least number (2-), or nothing to find out how many there are."


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many people may speak."""

    least: int = 1
    most: int | None = None
    """None: no limit."""


def parse_count(text: str | None) -> Count | None:
    """Read ``--speakers``: ``2``, ``2-5``, ``2-``, or ``auto`` to find out.

    Parameters
    ----------
    text
        What the user wrote; ``None`` where the option was not given.

    Returns
    -------
    Count or None
        None where nobody asks who speaks.

    Raises
    ------
    OptionError
        If it is none of these, less than 1, or a range whose end is before its start.
    """
    if text is None:
        return None
    if text.casefold() == "auto":
        return Count()
    found = _RANGE.fullmatch(text)
    if found is None:
        raise OptionError(f"--speakers {text!r} is not a number of speakers. {_HOW}")
    least = int(found[1])
    most = int(found[3]) if found[3] else None if found[2] else least
    if least < 1 or most == 0:
        raise OptionError(f"--speakers {text} is less than one. {_HOW}")
    if most is not None and most < least:
        raise OptionError(f"--speakers {text} ends before it begins. Write the smaller number first: {most}-{least}.")
    return Count(least=least, most=most)
