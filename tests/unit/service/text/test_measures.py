from dataclasses import replace

import pytest

from panglot.service.results import LanguageShare
from panglot.service.text.measures import language_shares, mean_confidence, speech_share, switched_languages
from panglot.testing import make_segment, make_transcript, make_word
from panglot.transcripts import Audit, LanguageSpan


def test_speech_share_is_of_what_was_listened_to():
    transcript = make_transcript(make_segment("Hello."), duration=10.0, audit=Audit(speech=4.0))
    assert speech_share(transcript) == pytest.approx(0.4)
    assert speech_share(transcript, listened=5.0) == pytest.approx(0.8)
    assert speech_share(transcript, listened=2.0) == 1.0
    assert speech_share(make_transcript()) == 0.0


def test_confidence_is_the_mean_over_words():
    segment = make_segment(words=[make_word("a", probability=0.2), make_word(" b", probability=0.6)])
    assert mean_confidence(make_transcript(segment)) == pytest.approx(0.4)
    assert mean_confidence(make_transcript()) == 0.0


def test_languages_by_time_with_their_mean_probability():
    spans = [("en", 0, 2, 0.9), ("de", 2, 8, 0.5), ("en", 8, 9, 0.6)]
    made = [LanguageSpan(language=code, start=a, end=b, probability=p) for code, a, b, p in spans]
    shares = language_shares(replace(make_transcript(), languages=tuple(made)))
    assert [(each.language, each.confidence) for each in shares] == [("de", 0.5), ("en", pytest.approx(0.8))]


def test_the_language_spoken_longest_needs_no_confidence():
    shares = [LanguageShare(language=code, confidence=share) for code, share in [("en", 0.1), ("de", 0.3), ("fr", 0.2)]]
    assert [each.language for each in switched_languages(shares, threshold=0.3)] == ["en", "de"]
    assert switched_languages(shares, threshold=0.0) == tuple(shares)
    assert switched_languages([], threshold=0.0) == ()
