"""Segments of a part, and across the seams between parts: sentences, or what stands between two long pauses."""

from __future__ import annotations

from dataclasses import replace

from panglot.pipeline.guards import compression_ratio
from panglot.pipeline.recogniser import Recognised
from panglot.transcripts.records import Segment, Word
from panglot.transcripts.text import ending
from panglot.transcripts.words import cut_segment, merge_segments, trim_words
from panglot.units import Seconds

_PAUSE: Seconds = 1.0
_LONGEST: Seconds = 30.0
"""Segments of several parts grow no longer than this: speech whose sentences never end must not be held back."""


def segments_of(recognised: Recognised, *, language: str, channel: int | None) -> tuple[Segment, ...]:
    """Cut what a part says into segments; nothing for a part without words.

    Parameters
    ----------
    recognised
        A part with its words.
    language
        The language of the text: that of the speech, or English for a translation.
    channel
        Number of the channel, where channels are transcribed separately.

    Returns
    -------
    tuple of Segment
        In order, each with at least one word.
    """
    if not recognised.words:
        return ()
    hypothesis = recognised.hypothesis
    whole = Segment(
        start=recognised.words[0].start,
        end=recognised.words[-1].end,
        text="".join(word.text for word in recognised.words),
        language=language,
        words=recognised.words,
        channel=channel,
        log_probability=hypothesis.log_probability,
        no_speech_probability=hypothesis.no_speech_probability,
        compression_ratio=compression_ratio(hypothesis.text),
    )
    return cut_segment(whole, _ends)


def _ends(word: Word, after: Word) -> bool:
    return after.start - word.end >= _PAUSE or (
        ending(word.text) == "sentence" and not after.text.lstrip()[:1].islower()
    )


def may_go_on(segment: Segment) -> bool:
    """Whether the sentence may go on in the next part, though the segment may end with a full stop."""
    return _has_stop(segment) or ending(segment.words[-1].text) != "sentence"


def seamless(before: Segment, after: Segment) -> tuple[Segment, ...]:
    """Join the end of a part and the start of the next where they are one sentence.

    A part that ends in a breath gets a full stop from the model, as if the sentence ended there. A small letter after
    a short pause says that it does not.

    Parameters
    ----------
    before
        The last segment of a part.
    after
        The first one of the next part of the same channel.

    Returns
    -------
    tuple of Segment
        Both as they are, or one segment without the full stop between them, or two of them if one were too long.
    """
    goes_on = (
        may_go_on(before)
        and before.language == after.language
        and after.start - before.end < _PAUSE
        and after.text[:1].islower()
    )
    if not goes_on:
        return before, after
    before = _without_stop(before)
    return (before, after) if after.end - before.start > _LONGEST else (merge_segments((before, after)),)


def _has_stop(segment: Segment) -> bool:
    """Whether a segment ends with a single full stop that ends a sentence."""
    text = segment.text
    is_single = text.endswith(".") and not text.endswith("..") and text != "."
    return is_single and ending(segment.words[-1].text) == "sentence"


def _without_stop(segment: Segment) -> Segment:
    if not _has_stop(segment):
        return segment
    last = segment.words[-1]
    words = trim_words((*segment.words[:-1], replace(last, text=last.text.removesuffix("."))))
    return replace(segment, end=words[-1].end, text="".join(word.text for word in words), words=words)
