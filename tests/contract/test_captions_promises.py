"""What captions promise: readable for long enough, narrow enough, and never cut inside a word."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from transcript_strategies import spoken, transcripts, unhurried, visible

from panglot.transcripts import Transcript
from panglot.transcripts.captions import captions
from panglot.transcripts.text import width


@unhurried
@given(transcripts(), st.integers(1, 60), st.integers(1, 4))
def test_cut_between_words_only_and_lose_none(transcript: Transcript, columns: int, lines: int):
    cues = captions(transcript, max_line_length=columns, max_lines=lines)
    assert all(1 <= len(cue.lines) <= lines for cue in cues)
    texts = [visible(line) for cue in cues for line in cue.lines]
    assert "".join(texts) == spoken(transcript)
    if all(segment.words for segment in transcript.segments):
        words = [visible(word.text) for segment in transcript.segments for word in segment.words]
        assert _offsets(texts) <= _offsets(words)


def _offsets(texts: list[str]) -> set[int]:
    return {sum(map(len, texts[:index])) for index in range(len(texts) + 1)}


@unhurried
@given(transcripts(tidy=True), st.integers(10, 60), st.integers(1, 3))
def test_lines_are_as_narrow_as_asked_unless_a_word_is_wider(transcript: Transcript, columns: int, lines: int):
    for cue in captions(transcript, max_line_length=columns, max_lines=lines):
        assert all(width(line) <= columns or " " not in line for line in cue.lines)


@unhurried
@given(transcripts(speakers=True, overlapping=True), st.booleans())
def test_times_never_overlap_and_never_run_backwards(transcript: Transcript, words: bool):
    cues = captions(transcript, words=words)
    assert all(cue.start < cue.end for cue in cues)
    assert all(cue.end <= after.start for cue, after in pairwise(cues))


@unhurried
@given(transcripts(tidy=True))
def test_captions_stay_long_enough_and_not_too_long(transcript: Transcript):
    cues = captions(transcript)
    assert all(cue.end - cue.start <= 7001 for cue in cues)
    assert all(cue.end - cue.start >= 800 or cue.end == after.start for cue, after in pairwise(cues))
    assert all(cue.end - cue.start >= 800 for cue in cues[-1:])


@unhurried
@given(transcripts(tidy=True))
def test_captions_keep_to_the_times_of_their_words(transcript: Transcript):
    starts = {round(word.start * 1000) for segment in transcript.segments for word in segment.words}
    moved = [cue for cue in captions(transcript) if cue.start not in starts]
    # Only words without any length leave no room for a caption of their own.
    lengths = [word.end - word.start for segment in transcript.segments for word in segment.words]
    assert not moved or min(lengths) < 0.002
