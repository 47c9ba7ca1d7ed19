"""Guards: what makes a hypothesis suspicious, in any language."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from panglot.engines import Hypothesis
from panglot.language import matches
from panglot.units import Seconds

_LOG_PROBABILITY = -1.0
_COMPRESSION = 2.4
_NO_SPEECH = 0.6
"""These three are the thresholds of Radford et al. 2022, section 4.5."""

_HOPELESS = -1.6
"""Mean log-probability below which a text is a guess, whatever else speaks for it."""

_CHARACTERS_PER_SECOND = 35.0
"""Nobody speaks faster than this in any script."""

_SCRIPT = 0.5
_LONG_ENOUGH: Seconds = 1.0


def compression_ratio(text: str) -> float:
    """Bytes of a text over its bytes when compressed; high where it repeats itself."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 1.0


def is_loop(text: str) -> bool:
    """Whether a text is the same few words over and over."""
    return compression_ratio(text) > _COMPRESSION or _repeats(text.casefold().split()) or _repeats(list(text))


def suspicions(hypothesis: Hypothesis, *, language: str, speech: Seconds) -> tuple[str, ...]:
    """What speaks against a hypothesis.

    Parameters
    ----------
    hypothesis
        What the window is thought to say.
    language
        The language it was decoded in.
    speech
        Seconds of speech in the window.

    Returns
    -------
    tuple of str
        Any of ``empty``, ``loop``, ``unsure``, ``fast``, ``script``; nothing for a text that looks right.
    """
    text = hypothesis.text.strip()
    if not text:
        return ("empty",) if speech >= _LONG_ENOUGH else ()
    found = {
        "loop": is_loop(text),
        "unsure": hypothesis.log_probability < _LOG_PROBABILITY,
        "fast": len(text) > _CHARACTERS_PER_SECOND * max(speech, _LONG_ENOUGH),
        "script": matches(text, language) < _SCRIPT,
    }
    return tuple(name for name, holds in found.items() if holds)


def is_no_speech(hypothesis: Hypothesis) -> bool:
    """Whether the model says that nobody speaks, and is not sure of its text either."""
    return hypothesis.no_speech_probability > _NO_SPEECH and hypothesis.log_probability < _LOG_PROBABILITY


def is_hopeless(hypothesis: Hypothesis, doubts: Sequence[str]) -> bool:
    """Whether a text is no more than a guess, or runs on faster than anybody speaks."""
    return hypothesis.log_probability < _HOPELESS or "fast" in doubts


def _repeats(items: Sequence[str]) -> bool:
    """Whether the end of a sequence is one short run, five times or more."""
    for size in range(1, min(len(items) // 5, 12) + 1):
        run = items[-size:]
        if all(items[-size * (k + 1) : len(items) - size * k] == run for k in range(1, 5)) and len("".join(run)) > 1:
            return True
    return False
