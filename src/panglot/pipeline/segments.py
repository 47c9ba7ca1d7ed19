"""Segments of a part: sentences, or what stands between two long pauses."""

from __future__ import annotations

from panglot.pipeline.guards import compression_ratio
from panglot.pipeline.recogniser import Recognised
from panglot.transcripts.records import Segment, Word
from panglot.transcripts.text import ending
from panglot.transcripts.words import cut_segment
from panglot.units import Seconds

_PAUSE: Seconds = 1.0


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
