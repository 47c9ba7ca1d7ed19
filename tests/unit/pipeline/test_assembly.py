"""Parts → one transcript."""

from __future__ import annotations

from typing import Any

import pytest
from pipeline_parts import recognised, window

from panglot.pipeline.assembly import Assembly, Heard, dominant, spans
from panglot.pipeline.options import check_options
from panglot.pipeline.recogniser import Recognised
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
    [segment] = assembly().add(recognised(("a?", 0, 1), window=window((0, 1))), channel=0)
    assert segment.channel is None


def test_a_translation_is_english_text_of_another_language() -> None:
    made = assembly(translate=True)
    made.add(recognised(("one", 0, 1), window=window((0, 1)), language="de"), channel=0)
    transcript = made.transcript(duration=1, warnings=(), seconds=1)
    assert [segment.language for segment in transcript.segments] == ["en"]
    assert transcript.language == "de"


def parts(*rows: tuple[str, float, float], language: str = "de", **others: object) -> Recognised:
    return recognised(*rows, window=window((rows[0][1], rows[-1][2])), language=language, **others)


def test_a_sentence_that_was_cut_in_a_breath_is_whole_again() -> None:
    made = assembly()
    first = made.add(parts(("Gut.", 0, 1), (" Die", 1, 2), (" Stadt.", 2, 3)), channel=0)
    second = made.add(parts(("ist", 3.3, 4), (" alt.", 4, 5), (" Ja!", 5, 6)), channel=0)
    assert [segment.text for segment in first] == ["Gut."]
    assert [segment.text for segment in second] == ["Die Stadt ist alt.", "Ja!"]
    assert made.finish() == ()
    joined = second[0]
    assert "".join(word.text for word in joined.words) == joined.text
    assert (joined.start, joined.end) == (1, 5)
    transcript = made.transcript(duration=6, warnings=(), seconds=1)
    assert transcript.segments == (*first, *second)
    assert transcript.text == "Gut. Die Stadt ist alt. Ja!"


@pytest.mark.parametrize("end", ["Stadt.", "Stadt", "Stadt,"])
def test_a_sentence_may_go_on_over_several_parts(end: str) -> None:
    made = assembly()
    made.add(parts(("Die", 0, 1), (f" {end}", 1, 2)), channel=0)
    assert made.add(parts(("ist", 2.1, 3), (" alt.", 3, 4)), channel=0) == ()
    assert made.add(parts(("und", 4.1, 5), (" klein?", 5, 6)), channel=0)[0].text == (
        f"Die {end.rstrip('.')} ist alt und klein?"
    )


def test_a_full_stop_that_is_a_word_of_its_own_goes_too() -> None:
    made = assembly()
    made.add(parts(("Die", 0, 1), (" Stadt", 1, 2), (" .", 2, 2.1)), channel=0)
    made.add(parts(("ist", 2.3, 3), (" alt.", 3, 4)), channel=0)
    [segment] = made.finish()
    assert segment.text == "Die Stadt ist alt." == "".join(word.text for word in segment.words)


@pytest.mark.parametrize(
    ("end", "start", "others"),
    [
        ("Stadt.", "Ist", {}),
        ("Stadt.", "3", {}),
        ("Stadt.", "ist", {"language": "nl"}),
        ("Stadt.", "ist", {"channel": 1}),
        ("Stadt.", "ist", {"at": 3.0}),
        ("Stadt?", "ist", {}),
        ("Stadt...", "ist", {}),
        ("Stadt…", "ist", {}),
    ],
)
def test_sentences_that_end_stay_apart(end: str, start: str, others: dict[str, Any]) -> None:
    after = {"at": 2.1, "channel": 0, "language": "de", **others}
    made = assembly(channels="separate")
    made.add(parts(("Die", 0, 1), (f" {end}", 1, 2)), channel=0)
    made.add(parts((start, after["at"], after["at"] + 1), language=after["language"]), channel=after["channel"])
    texts = [segment.text for segment in made.transcript(duration=9, warnings=(), seconds=1).segments]
    assert texts == [f"Die {end}", start]


def test_an_abbreviation_keeps_its_dot() -> None:
    made = assembly()
    made.add(parts(("Herr", 0, 1), (" Dr.", 1, 2)), channel=0)
    made.add(parts(("med.", 2.1, 3), (" Jung!", 3, 4)), channel=0)
    assert made.transcript(duration=9, warnings=(), seconds=1).text == "Herr Dr. med. Jung!"


def test_a_sentence_without_end_is_not_held_back_for_ever() -> None:
    made = assembly()
    found = [
        segment for at in range(0, 120, 10) for segment in made.add(parts(("so.", at, at + 9.5)), channel=0)
    ] + list(made.finish())
    assert [(segment.start, segment.end) for segment in found] == [(at, at + 29.5) for at in range(0, 120, 30)]
    assert [segment.text for segment in found] == ["so so so"] * 3 + ["so so so."]


def test_writing_without_punctuation_or_case_stays_in_its_parts() -> None:
    made = assembly()
    made.add(parts(("你", 0, 1), ("好", 1, 2), language="zh"), channel=0)
    assert [segment.text for segment in made.add(parts(("再", 2.1, 3), language="zh"), channel=0)] == ["你好"]
    assert [segment.text for segment in made.finish()] == ["再"]


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
