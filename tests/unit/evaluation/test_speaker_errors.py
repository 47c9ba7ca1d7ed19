"""Who spoke when, against values worked by hand."""

from dataclasses import dataclass
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panglot.errors import OptionError
from panglot.evaluation.speakers import (
    diarization_error,
    label_agreement,
    pooled_diarization,
    speaker_count,
    speaker_word_errors,
)


@dataclass(frozen=True)
class Turn:
    start: float
    end: float
    speaker: object


def turns(*spoken):
    return [Turn(*one) for one in spoken]


def parts(error):
    return error.missed, error.false_alarm, error.confusion, error.total


TRUTH = turns((0, 10, "ada"), (10, 20, "bob"))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([(0, 10, 7), (10, 20, 3)], (0, 0, 0, 20)),  # names mean nothing
        ([(0, 20, 0)], (0, 0, 10, 20)),  # one for both: half is confused
        ([(1, 10, 0), (10, 20, 1)], (1, 0, 0, 20)),
        ([(0, 10, 0), (10, 23, 1)], (0, 3, 0, 20)),
        ([(0, 12, 0), (12, 20, 1)], (0, 0, 2, 20)),
        ([(0, 10, 0), (9, 20, 1)], (0, 1, 0, 20)),  # two at once where one speaks
        ([(0, 4, 0), (4, 10, 1), (10, 20, 2)], (0, 0, 4, 20)),  # the larger half keeps the name
        ([], (20, 0, 0, 20)),
    ],
)
def test_the_parts_of_the_error(found, expected):
    error = diarization_error(TRUTH, turns(*found))
    assert parts(error) == pytest.approx(expected)
    assert error.rate == pytest.approx(sum(expected[:3]) / expected[3])


def test_the_mapping_is_the_one_with_least_error():
    error = diarization_error(TRUTH, turns((0, 6, "x"), (6, 10, "y"), (10, 20, "x")))
    # x could be ada (6 s right) or bob (10 s right, and then y is ada: 4 s more).
    assert set(error.mapping) == {("ada", "y"), ("bob", "x")}
    assert error.confusion == pytest.approx(6)


def test_a_speaker_without_a_partner_is_not_in_the_mapping():
    assert diarization_error(TRUTH, turns((10, 20, 5))).mapping == (("bob", 5),)


def test_a_collar_takes_its_seconds_on_each_side_of_every_boundary():
    error = diarization_error(TRUTH, turns((0, 10.5, 0), (10.5, 20, 1)), collar=0.25)
    # Left of the reference: 0.25-9.75 and 10.25-19.75. Of the half second that is confused, 0.25 s lies in the collar.
    assert parts(error) == pytest.approx((0, 0, 0.25, 19))
    assert error.collar == 0.25


def test_overlap_is_judged_unless_it_is_not():
    truth = turns((0, 10, "ada"), (8, 12, "bob"))
    found = turns((0, 10, 0), (10, 12, 1))
    assert parts(diarization_error(truth, found)) == pytest.approx((2, 0, 0, 14))
    assert parts(diarization_error(truth, found, overlap=False)) == pytest.approx((0, 0, 0, 10))


def test_a_speaker_who_overlaps_himself_counts_once():
    truth = turns((0, 6, "ada"), (4, 10, "ada"))
    assert parts(diarization_error(truth, turns((0, 10, 0)))) == pytest.approx((0, 0, 0, 10))
    assert parts(diarization_error(truth, turns((0, 10, 0)), overlap=False)) == pytest.approx((0, 0, 0, 10))


def test_only_the_region_is_judged():
    error = diarization_error(TRUTH, turns((0, 10, 0), (10, 30, 1)), region=(5, 22))
    assert parts(error) == pytest.approx((0, 2, 0, 15))


def test_nobody_speaks():
    assert diarization_error([], []).rate == 0
    error = diarization_error([], turns((1, 3, 0)))
    assert (error.false_alarm, error.total, error.rate) == (2, 0, inf)


def test_errors_of_several_recordings_add_up():
    whole = pooled_diarization([diarization_error(TRUTH, []), diarization_error(TRUTH, TRUTH)])
    assert parts(whole) == (20, 0, 0, 40)
    assert (whole.rate, whole.collar, whole.overlap, whole.mapping) == (0.5, 0, True, ())


def test_what_was_judged_differently_does_not_add_up():
    errors = [diarization_error(TRUTH, TRUTH, collar=collar) for collar in (0, 0.25)]
    with pytest.raises(OptionError, match="2 ways"):
        pooled_diarization(errors)
    with pytest.raises(OptionError, match="0 recordings"):
        pooled_diarization([])


@pytest.mark.parametrize("options", [{"collar": -0.1}, {"region": (5, 5)}])
def test_what_cannot_be_judged_is_refused(options):
    with pytest.raises(OptionError):
        diarization_error(TRUTH, TRUTH, **options)


def test_counting_speakers():
    count = speaker_count(TRUTH, turns((0, 1, 0), (1, 2, 1), (2, 3, 2), (3, 4, 0)))
    assert (count.expected, count.found, count.error) == (2, 3, 1)


def test_agreement_under_the_best_mapping():
    first = turns((0, 10, 0), (10, 20, 1))
    second = turns((0, 9, 5), (9, 18, 4))
    agreement = label_agreement(first, second)
    # 0-9 and 10-18 are the same, 9-10 differs, 18-20 only the first hears.
    assert (agreement.same, agreement.shared, agreement.speech) == pytest.approx((17, 18, 20))
    assert agreement.rate == pytest.approx(17 / 20)
    assert agreement.label_rate == pytest.approx(17 / 18)


def test_agreement_where_two_speak_at_once():
    agreement = label_agreement(turns((0, 4, 0), (0, 4, 1)), turns((0, 4, 0)))
    assert (agreement.same, agreement.shared, agreement.speech) == (4, 4, 8)


def test_agreement_of_nothing():
    assert label_agreement([], []).rate == 1
    assert label_agreement(TRUTH, []).rate == 0
    assert label_agreement(TRUTH, []).label_rate == 1


spoken = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 10), st.integers(0, 3)).map(
        lambda drawn: Turn(drawn[0] / 2, (drawn[0] + drawn[1]) / 2, drawn[2])
    ),
    max_size=8,
)


@given(spoken, spoken)
def test_agreement_does_not_depend_on_the_order(first, second):
    there, back = label_agreement(first, second), label_agreement(second, first)
    assert (there.same, there.shared, there.speech) == pytest.approx((back.same, back.shared, back.speech))
    assert 0 <= there.same <= there.shared + 1e-9 <= there.speech + 2e-9


@settings(max_examples=30)
@given(spoken, spoken)
def test_agreement_is_the_part_of_the_speech_that_is_no_error(first, second):
    error, agreement = diarization_error(first, second), label_agreement(first, second)
    assert agreement.same == pytest.approx(error.total - error.missed - error.confusion)
    assert agreement.speech == pytest.approx(error.total + error.false_alarm)


def counts(result):
    errors = result.errors
    return errors.hits, errors.substitutions, errors.deletions, errors.insertions


def test_words_by_speaker_whatever_they_are_called():
    result = speaker_word_errors(
        {"ada": "good morning all", "bob": "hello"}, {"0": "hello", "1": "good morning all"}, language=None
    )
    assert counts(result) == (4, 0, 0, 0)
    assert set(result.assignment) == {("ada", "1"), ("bob", "0")}


def test_a_word_under_the_wrong_speaker_is_two_errors():
    result = speaker_word_errors(
        {"ada": "one two three", "bob": "four five"}, {"x": "one two", "y": "three four five"}, language=None
    )
    assert counts(result) == (4, 0, 1, 1)
    assert result.errors.rate == pytest.approx(2 / 5)


def test_speakers_left_over_count_with_all_their_words():
    split = speaker_word_errors({"ada": "one two three"}, {"x": "one two", "y": "three"}, language=None)
    assert counts(split) == (2, 0, 1, 1)
    assert split.assignment == (("ada", "x"), (None, "y"))
    merged = speaker_word_errors({"ada": "one two", "bob": "three"}, {"x": "one two three"}, language=None)
    assert counts(merged) == (2, 0, 1, 1)


def test_the_pairing_is_the_best_of_all_not_the_best_first():
    # Ada and x are nearest (1 error), but that would leave bob with y (4 errors); the other pairing has 2 and 2.
    result = speaker_word_errors(
        {"ada": "one two three four", "bob": "one two five five"},
        {"x": "one two three nine", "y": "six six three four"},
        language=None,
    )
    assert result.errors.errors == 4
    assert set(result.assignment) == {("ada", "y"), ("bob", "x")}


def test_nobody_said_anything():
    assert counts(speaker_word_errors({}, {}, language=None)) == (0, 0, 0, 0)
    assert speaker_word_errors({}, {"x": "hello"}, language=None).errors.rate == inf
