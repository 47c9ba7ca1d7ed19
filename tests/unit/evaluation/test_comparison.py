"""Comparing two systems: pairs, significance, many languages at once, and what an import makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panglot.errors import OptionError
from panglot.evaluation.bounds import parse_bounds, unmet
from panglot.evaluation.comparison import compare
from panglot.evaluation.recognition import Evaluation, Scored
from panglot.evaluation.requirements import values
from panglot.evaluation.transcribers import System
from panglot.evaluation.verification import objections
from panglot.evaluation.words import ErrorRate


def scored(name: str, errors: int, language: str = "en", *, reference: int = 10) -> Scored:
    rate = ErrorRate(hits=reference - errors, substitutions=errors, deletions=0, insertions=0, unit="word")
    return Scored(
        id=name,
        language=language,
        seconds=2.0,
        reference="text",
        hypothesis="text",
        detected=True,
        heard=language,
        words=rate,
        characters=rate,
    )


def evaluation(*utterances: Scored, name: str = "new") -> Evaluation:
    system = System(name=name, sha256="0" * 64, settings="none", languages=("de", "en"))
    return Evaluation(system=system, corpus="data.jsonl", date="2026-01-02", given=False, scored=utterances)


def pair(errors: list[tuple[int, int]], language: str = "en") -> tuple[list[Scored], list[Scored]]:
    first = [scored(f"{language}{number}", one, language) for number, (one, _) in enumerate(errors)]
    return first, [scored(f"{language}{number}", other, language) for number, (_, other) in enumerate(errors)]


def test_a_constant_gain_is_shown_and_its_mirror_is_a_loss() -> None:
    first, second = pair([(errors, errors + 1) for errors in range(9)])
    found = compare(evaluation(*first), evaluation(*second, name="old"))
    assert found.overall.verdict == "better"
    assert found.overall.difference and found.overall.difference.estimate == pytest.approx(-0.1)
    assert compare(evaluation(*second), evaluation(*first)).overall.verdict == "worse"


def test_the_same_twice_is_no_difference() -> None:
    first, _ = pair([(1, 1), (3, 3), (0, 0), (2, 2), (5, 5)])
    found = compare(evaluation(*first), evaluation(*first))
    assert found.overall.verdict == "no difference shown"
    assert found.overall.adjusted == 1.0


def test_few_utterances_are_not_tested() -> None:
    first, second = pair([(0, 9)] * 4)
    found = compare(evaluation(*first), evaluation(*second))
    assert (found.overall.verdict, found.overall.difference) == ("too few", None)


def test_pairs_are_made_by_id_and_the_rest_is_left_out() -> None:
    first, second = pair([(1, 2)] * 6)
    found = compare(evaluation(*first[1:]), evaluation(*reversed(second[:-1])))
    assert (found.overall.utterances, found.left_out) == (4, 2)


def test_other_references_and_other_corpora_are_refused() -> None:
    first, second = pair([(1, 2)] * 6)
    with pytest.raises(OptionError, match="another reference text"):
        compare(evaluation(*first), evaluation(*(replace(one, reference="other") for one in second)))
    with pytest.raises(OptionError, match="no utterance in common"):
        compare(evaluation(*first), evaluation(*(replace(one, id=f"x{one.id}") for one in second)))


def test_p_values_of_languages_are_raised_step_by_step() -> None:
    # de is surely different, en and fr are near the limit; fr alone would pass it.
    groups = [
        pair([(0, 3)] * 8, "de"),
        pair([(0, 1), (1, 2), (1, 3), (2, 2), (3, 3), (2, 1), (0, 1), (1, 2)], "en"),
        pair([(0, 2), (1, 3), (1, 2), (2, 2), (3, 3), (2, 2), (0, 1), (2, 3)], "fr"),
    ]
    found = compare(
        evaluation(*(one for first, _ in groups for one in first)),
        evaluation(*(one for _, second in groups for one in second)),
    )
    german, english, french = found.languages
    raw = [one.difference.p_value for one in (german, english, french) if one.difference]
    ordered = sorted(raw)
    expected = [min(1.0, 3 * ordered[0])]
    expected.append(max(expected[0], min(1.0, 2 * ordered[1])))
    expected.append(max(expected[1], ordered[2]))
    assert sorted(one.adjusted or 0 for one in found.languages) == pytest.approx(expected)
    assert german.verdict == "better"


def test_a_worse_model_meets_objections_with_numbers() -> None:
    first, second = pair([(errors + 2, errors) for errors in range(7)], "de")
    found = compare(evaluation(*first), evaluation(*second, name="base"))
    (objection,) = objections(found)
    assert "it has 50.0 % errors, base 30.0 %" in objection
    assert "worse by 20.0 to 20.0 points" in objection
    assert objections(found, worse_by=0.25) == ()


def test_one_language_may_not_pay_for_another() -> None:
    german, english = pair([(5, 0)] * 8, "de"), pair([(0, 6)] * 8, "en")
    found = compare(
        evaluation(*german[0], *english[0]),
        evaluation(*german[1], *english[1]),
    )
    assert found.overall.first.rate < found.overall.second.rate
    assert [text.split(" it has")[0] for text in objections(found)] == ["in German"]


def test_an_equal_model_meets_no_objection_and_few_utterances_do() -> None:
    first, _ = pair([(1, 1)] * 6)
    assert objections(compare(evaluation(*first), evaluation(*first))) == ()
    few = compare(evaluation(*first[:3]), evaluation(*first[:3]))
    assert objections(few) == ("3 utterances are too few to verify it; at least 5 are needed",)


def test_requirements_are_read_and_held_against_what_was_measured() -> None:
    first, second = pair([(1, 2)] * 6)
    one, other = evaluation(*first), evaluation(*second)
    found = values(one, compare(one, other))
    assert found["wer"] == found["wer.en"] == pytest.approx(0.1)
    assert found["difference.en"] == pytest.approx(-0.1)
    assert found["detection"] == 1.0
    assert unmet(parse_bounds("wer<=10%, difference<=0,detection.en>=0.5"), found) == ()
    assert unmet(parse_bounds("wer<=0.05"), found) == ("wer<=0.05 is required, but wer is 0.1",)


def test_what_was_not_measured_is_not_met() -> None:
    first, _ = pair([(1, 2)] * 6)
    (message,) = unmet(parse_bounds("der<=0.5"), values(evaluation(*first)))
    assert "der was not measured; measured are wer, cer, detection, wer.en" in message


@pytest.mark.parametrize("text", ["", "wer", "wer<0.2", "wer<=a", "wer<=1.2.3", "wer<=0.1;cer<=0.1", "WER<=1"])
def test_bounds_written_in_another_way_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="is not a bound"):
        parse_bounds(text)
