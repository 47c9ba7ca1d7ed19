"""Languages over time, on small cases counted by hand."""

import pytest

from panglot.evaluation.spans import language_accuracy, score_switches, switches
from panglot.transcripts.records import LanguageSpan


def spans(*items):
    return [LanguageSpan(start=start, end=end, language=code, probability=1.0) for start, end, code in items]


def seconds(result):
    return result.right, result.wrong, result.missing


TRUTH = spans((0, 10, "de"), (11, 20, "en"), (21, 30, "de"))


def test_a_perfect_labelling():
    result = language_accuracy(TRUTH, TRUTH)
    assert seconds(result) == (28, 0, 0)
    assert result.rate == 1.0


def test_one_language_for_everything_is_right_only_where_it_is_spoken():
    result = language_accuracy(TRUTH, spans((0, 30, "de")))
    assert seconds(result) == (19, 9, 0)
    assert result.rate == pytest.approx(19 / 28)


def test_late_border_and_gap_are_told_apart():
    assert seconds(language_accuracy(TRUTH, spans((0, 13, "de"), (13, 18, "en"), (25, 40, "de")))) == (20, 2, 6)


def test_overlapping_labels_need_one_right_one():
    assert seconds(language_accuracy(spans((0, 4, "en")), spans((0, 4, "de"), (1, 3, "en")))) == (2, 2, 0)


def test_no_speech_is_no_error():
    assert language_accuracy([], TRUTH).rate == 1.0


def test_switches_lie_in_the_gap_between_two_languages():
    found = switches(spans((0, 4, "de"), (5, 8, "de"), (9, 12, "fr")))
    assert [(switch.after, switch.before, switch.source, switch.target) for switch in found] == [(8, 9, "de", "fr")]


def test_all_switches_found_within_the_tolerance():
    score = score_switches(TRUTH, spans((0, 12, "de"), (12, 19.5, "en"), (19.5, 30, "de")))
    assert (score.recall, score.precision) == (1.0, 1.0)


def test_a_switch_just_outside_the_tolerance_is_missed_and_false():
    claimed = spans((0, 12.5, "de"), (12.5, 21, "en"), (21, 30, "de"))
    score = score_switches(TRUTH, claimed, tolerance=1.0)
    assert (score.recall, score.precision) == (0.5, 0.5)
    assert score_switches(TRUTH, claimed, tolerance=1.5).recall == 1.0


def test_a_switch_to_another_language_is_not_the_switch():
    score = score_switches(TRUTH, spans((0, 10, "de"), (11, 20, "nl"), (21, 30, "de")))
    assert (len(score.found), len(score.false)) == (0, 2)


def test_one_claim_serves_one_switch():
    truth = spans((0, 1, "de"), (1, 1.5, "en"), (1.5, 2, "de"), (2, 3, "en"))
    score = score_switches(truth, spans((0, 1.5, "de"), (1.5, 3, "en")))
    assert (len(score.expected), len(score.found)) == (3, 1)


def test_nothing_to_find_and_nothing_claimed_is_perfect():
    score = score_switches(spans((0, 5, "de")), [])
    assert (score.recall, score.precision) == (1.0, 1.0)
