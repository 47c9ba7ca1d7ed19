"""What every diarizer promises; the real one runs where its weights are in the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from panglot.audio import open_audio
from panglot.diarization import Diarization, Diarizer, SpeakerBounds
from panglot.diarization.community import CommunityDiarizer
from panglot.errors import AudioFormatError, WeightsMissingError
from panglot.models import Store
from panglot.testing import FakeDiarizer, silence, speak

DATA = Path(__file__).parents[1] / "data"
ANY = SpeakerBounds()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A diarizer, and a recording that it hears two people in: the first, the second, the first again."""

    make: Callable[[int], Diarizer]
    samples: np.ndarray
    parts: tuple[tuple[float, float, int], ...]


def fake() -> Subject:
    first, second = speak("one two three"), speak("four five") * np.float32(0.5)
    samples = np.concatenate([silence(0.5), first, silence(0.5), second, silence(0.5), first])
    return Subject(
        make=lambda threads: FakeDiarizer(),
        samples=samples,
        parts=((0.5, 1.64, 0), (2.2, 2.94, 1), (3.5, 4.64, 0)),
    )


def weights() -> Path:
    try:
        return Store().path("community-1", offline=True)
    except WeightsMissingError:
        pytest.skip("the weights community-1 are not here (panglot models pull community-1)")


def community() -> Subject:
    folder = weights()
    with open_audio(DATA / "two_languages.flac") as stream:
        samples = np.concatenate(list(stream), axis=1)[0]
    [parts] = [
        sample["parts"]
        for sample in json.loads((DATA / "samples.json").read_text(encoding="utf-8"))
        if sample["file"] == "two_languages.flac"
    ]
    return Subject(
        make=lambda threads: CommunityDiarizer(folder, threads=threads),
        samples=samples,
        parts=tuple((part["start"], part["end"], int(part["speaker"] == "Thomas")) for part in parts),
    )


@pytest.fixture(scope="module", params=[fake, community], ids=["fake", "community"])
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param()


def run(
    subject: Subject,
    samples: np.ndarray | None = None,
    *,
    bounds: SpeakerBounds = ANY,
    block: int = 100_000,
    threads: int = 1,
) -> Diarization:
    samples = subject.samples if samples is None else samples
    stream = subject.make(threads).stream()
    for start in range(0, len(samples), block):
        stream.feed(samples[start : start + block])
    return stream.finish(bounds)


def same(first: Diarization, second: Diarization) -> bool:
    return first.turns == second.turns and np.array_equal(first.voices, second.voices)


def test_each_part_is_spoken_by_its_speaker(subject: Subject) -> None:
    turns = run(subject).turns

    for start, end, speaker in subject.parts:
        middle = [turn for turn in turns if turn.start < (start + end) / 2 < turn.end]
        assert [turn.speaker for turn in middle] == [speaker]
        assert any(abs(turn.start - start) < 0.35 for turn in turns if turn.speaker == speaker)
        assert any(abs(turn.end - end) < 0.35 for turn in turns if turn.speaker == speaker)


def test_turns_are_sorted_and_numbered_by_first_appearance(subject: Subject) -> None:
    answer = run(subject)
    starts = [turn.start for turn in answer.turns]
    speakers = [turn.speaker for turn in answer.turns]

    assert starts == sorted(starts)
    assert list(dict.fromkeys(speakers)) == list(range(len(answer.voices)))
    assert all(0 <= turn.start < turn.end <= len(subject.samples) / 16_000 for turn in answer.turns)


def test_voices_have_length_one(subject: Subject) -> None:
    voices = run(subject).voices

    assert voices.shape == (2, 256)
    assert voices.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(voices, axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("block", [16_001, 400_000])
def test_blocks_do_not_matter(subject: Subject, block: int) -> None:
    assert same(run(subject, block=block), run(subject))


def test_threads_do_not_matter(subject: Subject) -> None:
    assert same(run(subject, threads=2), run(subject))


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), silence(12.0)], ids=["nothing", "silence"])
def test_nobody_speaks(subject: Subject, samples: np.ndarray) -> None:
    answer = run(subject, samples)

    assert answer.turns == ()
    assert answer.voices.shape == (0, 256)
    assert answer.warnings == ()


def test_nobody_speaks_where_somebody_was_expected(subject: Subject) -> None:
    [warning] = run(subject, silence(1.0), bounds=SpeakerBounds(minimum=2)).warnings

    assert "2 or more" in warning


def test_one_speaker_was_asked_for(subject: Subject) -> None:
    answer = run(subject, bounds=SpeakerBounds(maximum=1))

    assert {turn.speaker for turn in answer.turns} == {0}
    assert len(answer.voices) == 1
    assert answer.warnings == ()


def test_it_can_be_asked_again(subject: Subject) -> None:
    stream = subject.make(1).stream()
    stream.feed(subject.samples)
    first, alone, again = (stream.finish(bounds) for bounds in (ANY, SpeakerBounds(maximum=1), ANY))

    assert same(first, again)
    assert len(alone.voices) == 1


def test_more_were_asked_for_than_can_be_told_apart(subject: Subject) -> None:
    answer = run(subject, bounds=SpeakerBounds(minimum=40, maximum=40))

    assert 2 <= len(answer.voices) < 40
    [warning] = answer.warnings
    assert "40 or more" in warning


@pytest.mark.parametrize("samples", [np.zeros(4), np.zeros((2, 4), np.float32)], ids=["float64", "stereo"])
def test_only_one_row_of_float32_is_taken(subject: Subject, samples: np.ndarray) -> None:
    with pytest.raises(AudioFormatError, match="float32"):
        subject.make(1).stream().feed(samples)
