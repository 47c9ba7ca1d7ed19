from dataclasses import replace

import pytest

from panglot.cli.summary import clock, summarise, summarise_all, summarise_speakers
from panglot.testing.makers import make_segment, make_transcript
from panglot.transcripts import Audit, Speaker, SpeakerTimeline, Turn


def test_the_line_names_languages_words_audit_and_speed() -> None:
    transcript = make_transcript(
        make_segment("one two three", start=0.0, end=31.0),
        make_segment("vier", start=31.0, end=62.0, language="de"),
        duration=62.3,
        audit=Audit(speech=60.0, speech_without_text=1.24, redecoded=1),
    )
    assert summarise("meeting.m4a", transcript, elapsed=6.23) == (
        "meeting.m4a: 62.3 s, en 0–31 s, de 31–62 s · 4 words · speech without text 1.2 s · "
        "text without speech 0.0 s · 1 part decoded again · 10.0x real time"
    )


def test_time_shared_with_others_says_nothing_of_speed() -> None:
    assert "real time" not in summarise("a.wav", make_transcript(duration=10.0), elapsed=None)


def test_silence_is_no_speech() -> None:
    assert summarise("a.wav", make_transcript(duration=10.0), elapsed=5.0).startswith(
        "a.wav: 10.0 s, no speech · 0 words"
    )


def test_what_the_audit_found_is_told() -> None:
    transcript = make_transcript(make_segment("a", end=1.0), audit=Audit(script_mismatches=2, loops=1))
    line = summarise("a.wav", transcript, elapsed=1.0)
    assert "1 word ·" in line
    assert "2 parts in an unexpected script · 1 part with repetitions" in line


def test_an_unsure_language_is_told_with_what_to_do() -> None:
    transcript = make_transcript(make_segment("a", end=1.0))
    assert "unsure" not in summarise("a.wav", replace(transcript, language_probability=0.5), elapsed=1.0)
    unsure = replace(transcript, language_probability=0.34)
    assert "1.0 s, en 0–1 s · unsure of en (0.34), say --language if you know it · 1 word" in summarise(
        "a.wav", unsure, elapsed=1.0
    )


def test_many_languages_are_added_up() -> None:
    segments = [make_segment("x", start=i, end=i + 1, language=("en", "de", "de")[i % 3]) for i in range(9)]
    transcript = make_transcript(*(segment for segment in segments), duration=9.0)
    assert "en 0–1 s" in summarise("a", make_transcript(*segments[:6]), elapsed=1.0)
    segments += [make_segment("x", start=9, end=10, language="en")]
    transcript = make_transcript(*segments, duration=10.0)
    assert len(transcript.languages) == 7
    assert "10.0 s, de 6 s, en 4 s, 6 switches ·" in summarise("a", transcript, elapsed=1.0)


def test_speakers_are_counted_and_those_known_by_their_voices_named() -> None:
    speakers = (
        Speaker(name="A", talk_time=2.0, share=0.5, turns=2),
        Speaker(name="ada", talk_time=2.0, share=0.5, turns=1, match=0.776),
    )
    transcript = replace(make_transcript(make_segment("a", end=1.0)), speakers=speakers)
    assert "en 0–1 s · 2 speakers (ada 0.78) · 1 word" in summarise("a.wav", transcript, elapsed=1.0)
    turns = tuple(Turn(start=start, end=start + 1.0, speaker="A") for start in (0.0, 2.0, 4.0))
    timeline = SpeakerTimeline(turns=turns, speakers=speakers[:1], duration=6.0)
    assert summarise_speakers("a.wav", timeline, elapsed=3.0) == "a.wav: 6.0 s, 1 speaker · 3 turns · 2.0x real time"
    nobody = SpeakerTimeline(turns=(), speakers=(), duration=6.0)
    assert summarise_speakers("a.wav", nobody, elapsed=None) == "a.wav: 6.0 s, no speech"


def test_several_recordings_have_a_line_of_their_own() -> None:
    assert summarise_all(recordings=3, failed=1, duration=120.0, elapsed=10.0) == (
        "3 recordings · 1 failed · 120.0 s of audio · 12.0x real time"
    )


@pytest.mark.parametrize(("seconds", "text"), [(0.9, "0:00"), (62, "1:02"), (3599.9, "59:59"), (3602, "1:00:02")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
