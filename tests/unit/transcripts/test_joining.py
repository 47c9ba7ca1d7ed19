from dataclasses import replace

import pytest

from panglot.testing import make_segment, make_transcript
from panglot.transcripts import LanguageSpan
from panglot.transcripts.joining import join, shift


def part(text, *, start=0.0, language="en", probability=0.9):
    segment = make_segment(text, language=language)
    made = make_transcript(segment)
    span = LanguageSpan(start=0.0, end=segment.end, language=language, probability=probability)
    return shift(replace(made, languages=(span,), duration=segment.end), start)


def test_shifting_moves_every_time() -> None:
    moved = part("one two", start=10.0)
    assert moved.segments[0].start == 10.0
    assert moved.segments[0].words[1].start == pytest.approx(10.4)
    assert (moved.languages[0].start, moved.duration) == (10.0, pytest.approx(10.8))


def test_parts_of_one_language_become_one_span() -> None:
    whole = join([part("one two", probability=0.8), part("three four", start=0.8, probability=1.0)])
    assert whole.text == "one two three four"
    (span,) = whole.languages
    assert (span.start, span.end, span.probability) == (0.0, pytest.approx(1.6), pytest.approx(0.9))
    assert (whole.language, whole.language_probability) == ("en", pytest.approx(0.9))


def test_the_language_spoken_longest_is_the_one_of_the_whole() -> None:
    whole = join([part("eins", language="de"), part("one two three", start=1.0)])
    assert whole.language == "en"
    assert [span.language for span in whole.languages] == ["de", "en"]


def test_one_part_stays_as_it_is() -> None:
    only = part("one two three")
    assert join([only]).segments == only.segments


def test_counts_of_the_audit_and_times_of_the_receipt_add_up() -> None:
    first, second = part("one"), part("two", start=1.0)
    first = replace(first, audit=replace(first.audit, speech=2.0, loops=1), warnings=("torn",))
    second = replace(second, audit=replace(second.audit, speech=3.0), warnings=("torn",))
    whole = join([first, second])
    assert (whole.audit.speech, whole.audit.loops, whole.warnings) == (5.0, 1, ("torn",))
