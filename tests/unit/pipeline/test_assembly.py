"""Parts → one transcript."""

from __future__ import annotations

import pytest
from pipeline_parts import recognised, window

from panglot.pipeline.assembly import Assembly, Heard, dominant, spans
from panglot.pipeline.options import check_options
from panglot.testing import FakeEngine

INFO = FakeEngine().info


def heard(start: float, end: float, language: str, *, speech: float | None = None, probability: float = 0.9) -> Heard:
    speech = end - start if speech is None else speech
    return Heard(start=start, end=end, speech=speech, language=language, probability=probability)


def assembly(**options: object) -> Assembly:
    return Assembly(check_options(known=INFO.languages, **options), INFO)


def test_neighbours_in_one_language_are_one_span() -> None:
    found = spans([heard(0, 5, "en"), heard(6, 9, "en"), heard(10, 12, "de"), heard(13, 20, "en")])
    assert [(span.start, span.end, span.language) for span in found] == [(0, 9, "en"), (10, 12, "de"), (13, 20, "en")]


def test_the_probability_of_a_span_is_weighted_by_speech() -> None:
    [span] = spans([heard(0, 9, "en", speech=9, probability=1.0), heard(9, 12, "en", speech=1, probability=0.5)])
    assert span.probability == pytest.approx(0.95)


def test_spans_are_in_order_of_time_whatever_order_channels_come_in() -> None:
    found = spans([heard(5, 8, "de"), heard(0, 4, "en"), heard(1, 9, "en")])
    assert [(span.start, span.end, span.language) for span in found] == [(0, 9, "en"), (5, 8, "de")]


def test_the_dominant_language_is_the_one_spoken_longest() -> None:
    several = [heard(0, 50, "en", speech=4), heard(50, 53, "de", probability=0.6), heard(60, 63, "de", probability=0.8)]
    language, probability = dominant(several)
    assert language == "de"
    assert probability == pytest.approx(0.7)


def test_nobody_speaks() -> None:
    assert dominant([]) == (None, 0.0)
    transcript = assembly().transcript(duration=60, warnings=(), seconds=1.0)
    assert (transcript.text, transcript.language, transcript.segments, transcript.languages) == ("", None, (), ())
    assert transcript.duration == 60


def test_a_part_without_words_is_no_language_span() -> None:
    made = assembly()
    assert made.add(recognised(window=window((0, 3))), channel=0) == ()
    transcript = made.transcript(duration=3, warnings=(), seconds=1.0)
    assert transcript.languages == ()
    assert transcript.audit.speech_without_text == 3


def test_channels_are_numbered_from_one_and_sorted_by_time() -> None:
    made = assembly(channels="separate")
    made.add(recognised(("late", 10, 11), window=window((10, 11))), channel=0)
    made.add(recognised(("early", 0, 1), window=window((0, 1))), channel=1)
    transcript = made.transcript(duration=11, warnings=(), seconds=1.0)
    assert [(segment.text, segment.channel) for segment in transcript.segments] == [("early", 2), ("late", 1)]
    assert transcript.text == "early late"


def test_mixed_channels_have_no_number() -> None:
    [segment] = assembly().add(recognised(("a", 0, 1), window=window((0, 1))), channel=0)
    assert segment.channel is None


def test_a_translation_is_english_text_of_another_language() -> None:
    made = assembly(translate=True)
    [segment] = made.add(recognised(("one", 0, 1), window=window((0, 1)), language="de"), channel=0)
    assert segment.language == "en"
    assert made.transcript(duration=1, warnings=(), seconds=1).language == "de"


def test_the_receipt_says_how_to_make_it_again() -> None:
    made = assembly(language="de", prompt="Grüße")
    receipt = made.transcript(duration=1, warnings=("damaged",), seconds=2.5).receipt
    assert (receipt.model, receipt.engine, receipt.device, receipt.compute) == ("fake", "fake", "cpu", "float32")
    assert receipt.options["languages"] == ["de"]
    assert receipt.options["prompt"] == "Grüße"
    assert receipt.timings == {"transcription": 2.5}
    assert "panglot" in receipt.versions


def test_warnings_are_kept_and_audited() -> None:
    transcript = assembly().transcript(duration=1, warnings=["cut short"], seconds=0)
    assert transcript.warnings == ("cut short",)
    assert [finding.kind for finding in transcript.audit.findings] == ["damaged"]
