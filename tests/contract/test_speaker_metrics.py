"""Speaker metrics give what the libraries that papers use give."""

from dataclasses import dataclass
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.evaluation.speakers import diarization_error, speaker_word_errors
from panglot.evaluation.words import error_rate


@dataclass(frozen=True)
class Turn:
    start: float
    end: float
    speaker: str


# The example of the pyannote.metrics documentation, with the values printed there.
REFERENCE = [Turn(0, 10, "A"), Turn(12, 20, "B"), Turn(24, 27, "A"), Turn(30, 40, "C")]
FOUND = [Turn(2, 13, "a"), Turn(13, 14, "d"), Turn(14, 20, "b"), Turn(22, 38, "c"), Turn(38, 40, "d")]


def test_the_documented_example_of_pyannote_metrics():
    error = diarization_error(REFERENCE, FOUND)
    assert round(error.rate, 3) == 0.516
    assert (error.missed, error.false_alarm, error.confusion, error.total) == (2, 7, 7, 31)
    assert dict(error.mapping) == {"A": "a", "B": "b", "C": "c"}


@pytest.mark.parametrize("overlap", [True, False])
@pytest.mark.parametrize("collar", [0.0, 0.25])
def test_collar_and_overlap_mean_what_they_mean_in_pyannote_metrics(collar, overlap):
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    truth = [*REFERENCE, Turn(8, 13, "C")]
    metric = DiarizationErrorRate(collar=2 * collar, skip_overlap=not overlap)
    judged = Timeline([Segment(0, 40)])
    theirs = [Annotation(), Annotation()]
    for annotation, spoken in zip(theirs, (truth, FOUND), strict=True):
        for turn in spoken:
            annotation[Segment(turn.start, turn.end)] = turn.speaker
    assert diarization_error(truth, FOUND, collar=collar, overlap=overlap).rate == pytest.approx(
        metric(*theirs, uem=judged)
    )


texts = st.lists(st.lists(st.sampled_from("abcd"), max_size=5).map(" ".join), max_size=4)


@given(texts, texts)
def test_words_by_speaker_take_the_best_of_all_pairings(said, written):
    """The definition of cpWER, tried out: every pairing, the least errors."""
    size = max(len(said), len(written))
    padded = [*said, *[""] * (size - len(said))]
    least = min(
        sum(error_rate(left, right, language=None).errors for left, right in zip(padded, order, strict=True))
        for order in permutations([*written, *[""] * (size - len(written))])
    )
    ours = speaker_word_errors(
        {str(number): text for number, text in enumerate(said)},
        {str(number): text for number, text in enumerate(written)},
        language=None,
    )
    assert ours.errors.errors == least
    assert ours.errors.reference == sum(len(text.split()) for text in said)


# What each speaker said, what was written under the speakers found, and the errors and words that cp_word_error_rate of
# meeteval 0.4.3 counts.
MEETEVAL = [
    (["a b c", "d e"], ["d e", "a b c"], 0, 5),
    (["a b c d", "e f"], ["a b", "c d e f"], 4, 6),
    (["a b c"], ["a b", "c"], 2, 3),
    (["a b", "c d", "e"], ["a b c d", "e e"], 5, 5),
    (["a b a b", "c c d"], ["c d", "b a b", "a"], 3, 7),
    (["one two three four", "one two five five"], ["one two three nine", "six six three four"], 4, 8),
]


@pytest.mark.parametrize(("said", "written", "errors", "words"), MEETEVAL)
def test_words_by_speaker_are_counted_as_meeteval_counts_them(said, written, errors, words):
    ours = speaker_word_errors(
        {f"s{number}": text for number, text in enumerate(said)},
        {f"h{number}": text for number, text in enumerate(written)},
        language=None,
    )
    assert (ours.errors.errors, ours.errors.reference) == (errors, words)
