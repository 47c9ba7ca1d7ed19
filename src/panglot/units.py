"""Units of time and rate, and the only rounding rules.

Times are seconds as floats on the time line of the original recording. They are rounded in one place, when they become
text or integers, so that two formats of one transcript never disagree by more than their own resolution.
"""

from typing import NewType

Seconds = float
"""A time or duration in seconds."""

Hz = NewType("Hz", int)
"""A sampling rate in samples per second."""

SAMPLE_RATE = Hz(16_000)
"""The rate at which all recognition works."""


def to_samples(time: Seconds, rate: Hz = SAMPLE_RATE) -> int:
    """Index of the sample nearest to a time."""
    return round(time * rate)


def to_seconds(samples: int, rate: Hz = SAMPLE_RATE) -> Seconds:
    """Time at which a sample starts."""
    return samples / rate


def milliseconds(time: Seconds) -> int:
    """Time in whole milliseconds, rounded half to even."""
    return round(time * 1000)
