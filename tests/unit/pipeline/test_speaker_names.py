"""Who said what: turns become names, words get them, and asking for the impossible is said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import panglot
from panglot import Model
from panglot.diarization.protocol import Diarization, Turn
from panglot.diarization.voiceprints import Voiceprint
from panglot.errors import AudioError, OptionError
from panglot.pipeline.diarize import voice_of
from panglot.pipeline.speakers import letter, name_speakers
from panglot.testing import FakeDetector, FakeDiarizer, FakeEngine, silence, speak

ADA = speak("one two three four five six seven eight") * 0.9
BOB = speak("eight seven six five four three two one") * 0.45


@pytest.fixture
def model() -> Iterator[Model]:
    with Model(FakeEngine(), FakeDetector(), diarizer=FakeDiarizer) as loaded:
        yield loaded


def dialogue(*, turns: int = 2, pause: float = 0.8) -> np.ndarray:
    return np.concatenate([part for _ in range(turns) for part in (ADA, silence(pause), BOB, silence(pause))])


def test_every_word_and_segment_has_its_speaker(model: Model) -> None:
    transcript = model.transcribe(dialogue(), speakers=True)
    said = [(utterance.speaker, utterance.text) for utterance in transcript.utterances]
    ada, bob = "one two three four five six seven eight", "eight seven six five four three two one"
    assert said == [("A", ada), ("B", bob)] * 2
    assert all(word.speaker == segment.speaker for segment in transcript.segments for word in segment.words)
    assert [(speaker.name, speaker.turns) for speaker in transcript.speakers] == [("A", 2), ("B", 2)]
    assert transcript.text == " ".join([ada, bob] * 2)


def test_nobody_is_told_apart_unasked(model: Model) -> None:
    transcript = model.transcribe(dialogue())
    assert transcript.speakers == transcript.turns == ()
    assert {segment.speaker for segment in transcript.segments} == {None}


def test_turns_are_the_same_alone_and_beside_recognition(model: Model) -> None:
    samples = dialogue(turns=6)
    timeline = panglot.diarize(samples, diarizer=FakeDiarizer())
    transcript = model.transcribe(samples, speakers=True)
    assert timeline.turns == transcript.turns
    assert timeline.speakers == transcript.speakers
    assert timeline.duration == pytest.approx(len(samples) / 16_000)


def test_a_range_keeps_the_times_of_the_recording(model: Model) -> None:
    whole = model.transcribe(dialogue(), speakers=True)
    second = whole.turns[1].start
    part = model.transcribe(dialogue(), speakers=True, start=second - 0.2)
    assert part.turns[0].start == pytest.approx(second, abs=0.05)
    assert part.turns[0].speaker == "A"


def test_channels_have_speakers_of_their_own(model: Model) -> None:
    left, right = dialogue(turns=1), np.concatenate([silence(4), BOB])
    length = max(len(left), len(right))
    stereo = np.stack([np.pad(each, (0, length - len(each))) for each in (left, right)])
    transcript = model.transcribe(stereo, speakers=True, channels="separate")
    assert {speaker.name for speaker in transcript.speakers} == {"1A", "1B", "2A"}
    assert {(segment.channel, segment.speaker) for segment in transcript.segments} == {(1, "1A"), (1, "1B"), (2, "2A")}
    starts = [segment.start for segment in transcript.segments]
    assert starts == sorted(starts)


def test_the_number_of_speakers_can_be_given(model: Model) -> None:
    assert len(model.transcribe(dialogue(), speakers=1).speakers) == 1
    assert len(model.transcribe(dialogue(), max_speakers=1).speakers) == 1
    asked = model.transcribe(dialogue(), min_speakers=3)
    assert len(asked.speakers) == 2
    assert "3 or more speakers were asked for" in asked.warnings[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speakers": 0}, "the least is 1"),
        ({"speakers": -2}, "the least is 1"),
        ({"min_speakers": 5, "max_speakers": 2}, "between 5 and 2 speakers"),
        ({"speakers": 2, "max_speakers": 3}, "not both"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(model: Model, options: dict[str, int], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        model.transcribe(dialogue(), **options)
    with pytest.raises(OptionError, match=message):
        panglot.diarize(dialogue(), diarizer=FakeDiarizer(), **options)


def test_a_model_without_a_diarizer_says_so() -> None:
    with (
        Model(FakeEngine(), FakeDetector()) as plain,
        pytest.raises(OptionError, match="made without a diarizer"),
    ):
        plain.transcribe(dialogue(), speakers=True)


def test_the_diarizer_is_loaded_once_and_only_when_asked_for() -> None:
    loaded: list[FakeDiarizer] = []

    def load() -> FakeDiarizer:
        loaded.append(FakeDiarizer())
        return loaded[-1]

    with Model(FakeEngine(), FakeDetector(), diarizer=load) as model:
        model.transcribe(ADA)
        assert loaded == []
        for _ in range(2):
            model.transcribe(ADA, speakers=True)
        assert len(loaded) == 1


def test_an_enrolled_voice_gives_its_name(model: Model) -> None:
    bob = Voiceprint(name="bob", voice=voice_of(BOB, diarizer=FakeDiarizer()))
    transcript = model.transcribe(dialogue(), voices=[bob])
    assert [(speaker.name, speaker.match) for speaker in transcript.speakers] == [("A", None), ("bob", 1.0)]
    assert {word.speaker for segment in transcript.segments for word in segment.words} == {"A", "bob"}
    assert transcript.receipt.options["voices"] == ["bob"]


def test_a_voice_needs_enough_speech() -> None:
    with pytest.raises(AudioError, match=r"0\.0 s of speech.*Record some more"):
        voice_of(silence(5), diarizer=FakeDiarizer())


def test_silence_has_no_speakers(model: Model) -> None:
    transcript = model.transcribe(silence(20), speakers=True)
    assert transcript.speakers == transcript.turns == transcript.segments == ()


def test_speakers_can_be_renamed(model: Model) -> None:
    transcript = model.transcribe(dialogue(), speakers=True).rename_speakers({"A": "Ada"})
    assert [speaker.name for speaker in transcript.speakers] == ["Ada", "B"]
    assert {turn.speaker for turn in transcript.turns} == {"Ada", "B"}
    assert transcript.to("txt").startswith("Ada: one two")


def test_an_early_end_stops_the_diarizer_too(model: Model) -> None:
    with model.stream(dialogue(turns=30), speakers=True) as transcription:
        next(iter(transcription))
    assert model.transcribe(dialogue(), speakers=True).speakers[0].name == "A"


def test_names_go_on_after_z() -> None:
    assert [letter(number) for number in (0, 25, 26, 27, 52, 701, 702)] == ["A", "Z", "AA", "AB", "BA", "ZZ", "AAA"]


def test_turns_keep_their_channel_and_the_time_of_the_recording() -> None:
    found = Diarization(turns=(Turn(start=1, end=2, speaker=0),), voices=np.eye(256, dtype=np.float32)[:1])
    [turn] = name_speakers(found, offset=10, channel=2).turns
    assert (turn.start, turn.end, turn.speaker, turn.channel) == (11, 12, "2A", 2)
