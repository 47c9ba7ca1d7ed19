"""Clock times as captions write them."""

from __future__ import annotations


def clock(milliseconds: int, point: str) -> str:
    """Write a time as ``HH:MM:SS`` with three decimals; hours take more digits from 100 on."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"
