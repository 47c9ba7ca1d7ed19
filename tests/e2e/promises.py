"""What holds for every transcript, whatever was said."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from panglot.transcripts import Segment, Transcript

ROUNDING = 1e-6


def check_transcript(transcript: Transcript) -> None:
    """Texts add up; times are in order, and inside the recording."""
    assert transcript.text.split() == [word for segment in transcript.segments for word in segment.text.split()]
    assert (transcript.language is None) == (not transcript.segments)
    for segment in transcript.segments:
        check_words(segment)
        assert 0 <= segment.start <= segment.end <= transcript.duration + ROUNDING
    for channel in {segment.channel for segment in transcript.segments}:
        own = [segment for segment in transcript.segments if segment.channel == channel]
        assert all(after.start >= before.end - ROUNDING for before, after in pairwise(own))
    for before, after in pairwise(transcript.languages):
        assert before.start < before.end <= after.end
        assert before.language != after.language


def check_words(segment: Segment) -> None:
    """Every word has its time, and nothing of the text is lost between them."""
    words = segment.words
    assert words
    assert "".join(word.text for word in words) == segment.text == segment.text.strip()
    assert (words[0].start, words[-1].end) == (segment.start, segment.end)
    assert all(word.text.strip() and word.start < word.end for word in words)
    assert all(after.start >= before.end - ROUNDING for before, after in pairwise(words))
    assert all(0 <= word.probability <= 1 for word in words)


def timeless(transcript: Transcript) -> Transcript:
    """The transcript less how long the work took, which is never the same twice."""
    return replace(transcript, receipt=replace(transcript.receipt, timings={}))
