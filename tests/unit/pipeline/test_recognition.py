"""From windows to words: languages, second hearings, the ladder of tries, dropped guesses; on a language of tones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from panglot import Model
from panglot.engines import DecodeOptions, Encoded, Hypothesis, Piece, Request
from panglot.testing import FakeDetector, FakeEngine, silence, speak, write

Load = Callable[..., tuple[Model, FakeEngine]]

CONTEXT, LONG_CONTEXT = 800, 1500
LOOP = "one " * 40


def recording(*parts: tuple[str, str] | float) -> np.ndarray:
    """Texts with their languages, and pauses in seconds."""
    sounds = [silence(part) if isinstance(part, float) else speak(*part) for part in parts]
    return np.concatenate([silence(0.5), *sounds, silence(0.5)])


def tries(engine: FakeEngine) -> list[tuple[str, int, int, float]]:
    """Language, beam, length of the context and penalty of each window that was decoded, in order."""
    return [
        (call.languages[0], call.options.beam_size, call.steps, call.options.repetition_penalty)
        for call in engine.calls
        if call.options is not None
    ]


def count(engine: FakeEngine, method: str) -> int:
    return sum(call.method == method for call in engine.calls)


def test_what_is_said_is_written_with_its_times(load: Load) -> None:
    model, _ = load()
    transcript = model.transcribe(recording(("two five one three", "en"), 1.5, ("eight two two", "en")))
    assert transcript.text == "two five one three eight two two"
    assert [segment.text for segment in transcript.segments] == ["two five one three", "eight two two"]
    starts = [word.start for segment in transcript.segments for word in segment.words]
    assert starts == pytest.approx([0.5, 0.9, 1.3, 1.7, 3.6, 4.0, 4.4], abs=0.04)
    assert transcript.audit.findings == ()


def test_an_ordinary_window_is_encoded_once_decoded_once_and_aligned_once(load: Load) -> None:
    model, engine = load()
    model.transcribe(recording(("two five one three", "en"), 8.0, ("eight two two", "en")))
    assert count(engine, "encode") == count(engine, "align") == 2
    assert tries(engine) == [("en", 1, CONTEXT, 1.0)] * count(engine, "decode")


def test_a_language_without_spaces(load: Load) -> None:
    transcript = load()[0].transcribe(recording(("二五一三", "zh"), 6.0, ("八二二", "zh")))
    assert transcript.text == "二五一三八二二"
    assert [len(segment.words) for segment in transcript.segments] == [4, 3]


def test_a_change_of_language_inside_a_window_keeps_both(load: Load) -> None:
    model, engine = load()
    english, german = "two five one three six two eight four one", "drei acht zwei zwei sechs vier eins acht"
    transcript = model.transcribe(recording((english, "en"), 0.6, (german, "de")))
    assert transcript.text == f"{english} {german}"
    assert [span.language for span in transcript.languages] == ["en", "de"]
    assert [span.start for span in transcript.languages] == pytest.approx([0.3, 4.5], abs=0.1)
    assert transcript.languages[0].end <= transcript.languages[1].start
    assert count(engine, "encode") == 3, "the window, and each part alone"


def test_a_few_words_of_another_language_are_heard_again_alone(load: Load) -> None:
    english, german = "two five one three six two eight four one six", "drei acht zwei sechs vier eins"
    sounds = recording((english, "en"), 0.6, (german, "de"), 0.6, (english, "en"))
    transcript = load()[0].transcribe(sounds)
    assert transcript.text == f"{english} {german} {english}"
    assert [span.language for span in transcript.languages] == ["en", "de", "en"]
    assert min(word.probability for segment in transcript.segments for word in segment.words) > 0.8
    assert transcript.audit.redecoded == 0, "alone, its language was heard at once"


def test_a_region_that_was_left_out_is_heard_again(load: Load) -> None:
    def skip(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        said = hypothesis.text.split()
        return write(" ".join(said[:6])) if len(said) > 6 else hypothesis

    model, engine = load(twist=skip)
    transcript = model.transcribe(recording(("one two three four five six", "en"), 0.7, ("six one six two", "en")))
    assert transcript.text == "one two three four five six six one six two"
    assert transcript.audit.speech_without_text == 0
    assert count(engine, "encode") == 2


def test_what_is_left_out_however_often_it_is_heard_is_in_the_audit(load: Load) -> None:
    def deaf(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        heard = hypothesis.text.split("eight")[0].strip()
        return write(heard, log_probability=-0.4)

    transcript = load(twist=deaf)[0].transcribe(
        recording(("one two three four five six", "en"), 0.7, ("eight eight eight eight eight", "en"))
    )
    assert transcript.text == "one two three four five six"
    assert [finding.kind for finding in transcript.audit.findings] == ["speech_without_text"]
    [finding] = transcript.audit.findings
    assert (finding.start, finding.end) == pytest.approx((3.5, 5.8), abs=0.15)


def looping(until: Callable[[Request, DecodeOptions], bool]) -> Callable[..., Hypothesis]:
    def twist(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        return hypothesis if until(request, options) else write(LOOP)

    return twist


def test_a_loop_is_tried_again_with_a_wider_search_and_the_context_of_training(load: Load) -> None:
    model, engine = load(twist=looping(lambda request, options: options.beam_size == 5))
    transcript = model.transcribe(recording(("one three two", "en")))
    assert transcript.text == "one three two"
    assert tries(engine) == [("en", 1, CONTEXT, 1.0), ("en", 5, LONG_CONTEXT, 1.0)]
    assert transcript.audit.redecoded == 1
    assert transcript.audit.findings[0].detail == "loop, fast"
    assert transcript.audit.loops == 0


def test_a_loop_that_stays_is_tried_with_a_penalty(load: Load) -> None:
    model, engine = load(twist=looping(lambda request, options: options.repetition_penalty > 1))
    assert model.transcribe(recording(("one three two", "en"))).text == "one three two"
    assert tries(engine) == [("en", 1, CONTEXT, 1.0), ("en", 5, LONG_CONTEXT, 1.0), ("en", 5, CONTEXT, 1.2)]


def test_a_loop_of_a_long_window_is_tried_in_halves(load: Load) -> None:
    model, engine = load(twist=looping(lambda request, options: len(hears(request)) <= 4))
    transcript = model.transcribe(recording(("one three two", "en"), 0.8, ("six two eight one", "en")))
    assert transcript.text == "one three two six two eight one"
    assert [len(each) for each in (tries(engine)[:3], tries(engine)[3:])] == [3, 2]
    assert transcript.audit.redecoded == 2


def hears(request: Request) -> list[str]:
    return FakeEngine().decode([request], DecodeOptions())[0].text.split()


def test_a_loop_that_nothing_helps_against_is_in_the_audit(load: Load) -> None:
    def twist(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        return write("la la la la la la la")

    transcript = load(twist=twist)[0].transcribe(recording(("one three two", "en")))
    assert transcript.text == "la la la la la la la"
    assert transcript.audit.loops == 1


def test_a_silent_engine_is_asked_again(load: Load) -> None:
    def hesitate(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        return hypothesis if options.beam_size == 5 else write("", log_probability=-0.5)

    transcript = load(twist=hesitate)[0].transcribe(recording(("one three two six", "en")))
    assert transcript.text == "one three two six"
    assert transcript.audit.findings[0].detail == "empty"


def test_an_unsure_text_is_tried_in_the_next_language(load: Load) -> None:
    def mishear(found: dict[str, float], encoded: Encoded) -> dict[str, float]:
        return {**dict.fromkeys(found, 0.0), "de": 0.6, "en": 0.4}

    model, engine = load(ear=mishear)
    transcript = model.transcribe(recording(("one three two six", "en")))
    assert transcript.text == "one three two six"
    assert transcript.segments[0].language == transcript.language == "en"
    assert [language for language, *_ in tries(engine)] == ["de", "de", "en"]


def test_a_text_in_a_wrong_script_is_tried_in_the_next_language(load: Load) -> None:
    def mishear(found: dict[str, float], encoded: Encoded) -> dict[str, float]:
        return {**dict.fromkeys(found, 0.0), "ru": 0.6, "en": 0.4}

    def stubborn(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        return write("one three two six")

    transcript = load(ear=mishear, twist=stubborn)[0].transcribe(recording(("one three two six", "en")))
    assert transcript.language == "en"
    assert transcript.audit.script_mismatches == 0


def test_a_sure_text_is_not_tried_in_the_next_language(load: Load) -> None:
    def hesitate(found: dict[str, float], encoded: Encoded) -> dict[str, float]:
        return {**dict.fromkeys(found, 0.0), "de": 0.45, "en": 0.55}

    model, engine = load(ear=hesitate)
    model.transcribe(recording(("one three two six", "en")))
    assert tries(engine) == [("en", 1, CONTEXT, 1.0)]


class Blurred(FakeEngine):
    """Gives the whole text the time of the whole window."""

    def align(self, encoded: Any, tokens: Any, *, language: str, seconds: Sequence[float]) -> list[list[Piece]]:
        return [
            [Piece(text="".join(map(chr, text)), start=0.0, end=length, probability=0.9)]
            for text, length in zip(tokens, seconds, strict=True)
        ]


def test_text_that_only_reaches_into_a_pause_is_not_in_the_audit() -> None:
    sounds = recording(("one two six", "en"), 0.6, ("three one eight", "en"))
    with Model(Blurred(), FakeDetector()) as model:
        audit = model.transcribe(sounds, language="en").audit
    assert audit.text_without_speech == 0.0
    assert audit.findings == ()


def test_a_guess_is_dropped(load: Load) -> None:
    def guess(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        return write("Thank you for watching.", log_probability=-1.9)

    transcript = load(twist=guess)[0].transcribe(recording(("one three two six", "en")))
    assert (transcript.text, transcript.language, transcript.languages) == ("", None, ())
    assert {finding.detail for finding in transcript.audit.findings} >= {"a text was dropped as a guess"}


def test_no_speech_is_believed_at_once(load: Load) -> None:
    def nobody(hypothesis: Hypothesis, request: Request, options: DecodeOptions) -> Hypothesis:
        return write("Thank you.", log_probability=-1.2, no_speech_probability=0.9)

    model, engine = load(twist=nobody)
    assert model.transcribe(recording(("one three two six", "en"))).text == ""
    assert count(engine, "decode") == 1


@pytest.mark.parametrize("seconds", [0.01, 20.0])
def test_silence_asks_the_engine_for_nothing(load: Load, seconds: float) -> None:
    model, engine = load()
    assert model.transcribe(silence(seconds)).text == ""
    assert engine.calls == []


def test_noise_gives_no_text(load: Load) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 200_000).astype(np.float32)
    transcript = load()[0].transcribe(noise)
    assert transcript.text == ""
    assert transcript.audit.speech == pytest.approx(12.5, abs=0.5)


def test_a_known_language_is_not_detected(load: Load) -> None:
    model, engine = load()
    transcript = model.transcribe(recording(("eins drei", "de"), 6.0, ("zwei acht vier", "de")), language="German")
    assert transcript.text == "eins drei zwei acht vier"
    assert transcript.language_probability == 1.0
    assert count(engine, "detect") == 0


def test_a_wrong_language_is_kept_because_it_was_asked_for(load: Load) -> None:
    transcript = load()[0].transcribe(recording(("one three two six", "en")), language="ru")
    assert transcript.text == "один три два шесть"
    assert transcript.language == "ru"


def test_only_allowed_languages_are_considered(load: Load) -> None:
    sounds = recording(("one three two six", "en"), 6.0, ("eins drei zwei sechs", "de"))
    transcript = load()[0].transcribe(sounds, languages=["de", "fr"])
    assert transcript.segments[-1].text == "eins drei zwei sechs"
    assert {span.language for span in transcript.languages} <= {"de", "fr"}


def test_translation_writes_english_and_keeps_the_language_spoken(load: Load) -> None:
    model, engine = load()
    transcript = model.transcribe(recording(("eins drei acht sechs zwei", "de")), translate=True)
    assert transcript.text == "one three eight six two"
    assert transcript.segments[0].language == "en"
    assert transcript.language == "de"
    assert {call.options.translate for call in engine.calls if call.options} == {True}


def test_prompt_and_keyterms_reach_every_window(load: Load) -> None:
    sounds = recording(("one three two", "en"), 6.0, ("two six one", "en"))
    transcript = load()[0].transcribe(sounds, prompt="The Six were there.", keyterms=["ONE"])
    assert transcript.text == "ONE three two two Six ONE"


def test_detect_tells_languages_and_writes_nothing(load: Load) -> None:
    model, engine = load()
    words, worte = "two five one three six two eight four one", "drei acht zwei zwei sechs vier eins acht"
    spans = model.detect(recording((words, "en"), 5.0, (worte, "de")))
    assert [span.language for span in spans] == ["en", "de"]
    assert [span.start for span in spans] == pytest.approx([0.3, 8.9], abs=0.1)
    assert all(span.probability > 0.9 for span in spans)
    assert count(engine, "decode") == 0


def test_detect_in_silence_finds_nothing(load: Load) -> None:
    assert load()[0].detect(silence(30)) == ()
