"""The fakes do what their descriptions say, so that tests can rely on them."""

from __future__ import annotations

import numpy as np
import pytest

from panglot import testing
from panglot.audio import log_mel
from panglot.engines import DecodeOptions, Encoded, Request
from panglot.errors import ModelError, OptionError
from panglot.testing import FakeDetector, FakeEngine, silence, speak, write
from panglot.testing.tones import WORDS


def encode(text: str, language: str) -> Encoded:
    return FakeEngine().encode(log_mel(speak(text, language), frames=1600))


@pytest.mark.parametrize("language", WORDS)
def test_every_word_is_understood(language: str) -> None:
    text = ("" if language == "zh" else " ").join(WORDS[language])
    engine = FakeEngine()
    window = encode(text, language)
    [found] = engine.detect([window])
    [hypothesis] = engine.decode([Request(encoded=window, language=language)], DecodeOptions())
    assert max(found, key=lambda code: found[code]) == language
    assert hypothesis.text == text


def test_speech_takes_four_tenths_of_a_second_a_word() -> None:
    assert len(speak("one two three")) == 19_200
    assert len(silence(0.5)) == 8_000
    assert len(speak("")) == 0


def test_a_word_without_a_tone() -> None:
    with pytest.raises(OptionError, match="'nine' has no tone in 'en'"):
        speak("one nine")


def test_a_wrong_language_is_translated_and_doubted() -> None:
    [hypothesis] = FakeEngine().decode([Request(encoded=encode("one two", "en"), language="fr")], DecodeOptions())
    assert hypothesis.text == "un deux"
    assert hypothesis.log_probability < -1.0


def test_it_remembers_what_it_was_asked() -> None:
    engine = FakeEngine()
    window = engine.encode(log_mel(speak("one"), frames=400))
    engine.decode([Request(encoded=window, language="en")] * 3, DecodeOptions(beam_size=2))
    assert [(call.method, call.windows, call.steps) for call in engine.calls] == [
        ("encode", 1, 200),
        ("decode", 3, 200),
    ]
    assert engine.calls[1].languages == ("en", "en", "en")
    assert engine.calls[1].options == DecodeOptions(beam_size=2)


def test_it_writes_what_it_is_told() -> None:
    engine = FakeEngine(twist=lambda hypothesis, request, options: write("no", log_probability=-3))
    [hypothesis] = engine.decode([Request(encoded=encode("one", "en"), language="en")], DecodeOptions())
    assert (hypothesis.text, hypothesis.log_probability) == ("no", -3)


def test_a_closed_engine_refuses() -> None:
    engine = FakeEngine()
    engine.close()
    with pytest.raises(ModelError, match="closed"):
        engine.detect([])


def test_the_detector_takes_sound_for_speech() -> None:
    stream = FakeDetector().stream()
    samples = np.concatenate([silence(1.024), speak("one one"), silence(1)])
    [(heard, probabilities)] = [*stream.feed(samples), *stream.finish()]
    np.testing.assert_array_equal(heard, samples)
    assert (probabilities[:31] < 0.1).all()
    assert (probabilities[33:42] > 0.9).all()


def test_the_fakes_are_part_of_the_package() -> None:
    assert testing.FakeEngine is FakeEngine
    with pytest.raises(AttributeError, match="no_such_fake"):
        _ = testing.no_such_fake
