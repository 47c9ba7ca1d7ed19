"""Recordings at the edge of what can be diarized, with the real networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from panglot.audio import open_audio
from panglot.diarization import SpeakerBounds
from panglot.diarization.community import CommunityDiarizer
from panglot.errors import WeightsCorruptError, WeightsMissingError
from panglot.models import Store

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return Store().path("community-1", offline=True)
    except WeightsMissingError:
        pytest.skip("the weights community-1 are not here (panglot models pull community-1)")


@pytest.fixture(scope="module")
def diarizer(folder: Path) -> CommunityDiarizer:
    return CommunityDiarizer(folder)


def read(name: str) -> np.ndarray:
    with open_audio(DATA / name) as stream:
        return np.concatenate(list(stream), axis=1)[0]


def diarize(diarizer: CommunityDiarizer, samples: np.ndarray, bounds: SpeakerBounds | None = None):
    stream = diarizer.stream()
    stream.feed(samples.astype(np.float32))
    return stream.finish(bounds or SpeakerBounds())


@pytest.mark.parametrize("name", ["english.flac", "german.flac"])
def test_one_person_is_one_speaker(diarizer: CommunityDiarizer, name: str) -> None:
    assert len(diarize(diarizer, read(name)).voices) == 1


@pytest.mark.parametrize("name", ["english.flac", "german.flac"])
def test_a_line_that_is_muted_at_times_has_one_speaker(diarizer: CommunityDiarizer, name: str) -> None:
    """Exact zeros once moved what the voice sounds like behind them, and one person became two."""
    speech = read(name)
    muted = [np.concatenate([speech, np.zeros(seconds * 16_000)]) for seconds in (0, 4, 7, 0, 9, 0)]

    assert len(diarize(diarizer, np.concatenate(muted)).voices) == 1


def test_a_third_of_a_second_of_speech(diarizer: CommunityDiarizer) -> None:
    word = read("english.flac")[5_000:9_800]

    answer = diarize(diarizer, np.concatenate([np.zeros(16_000), word, np.zeros(16_000)]))

    assert len(answer.voices) == 1
    assert all(0.7 < turn.start < turn.end < 1.7 for turn in answer.turns)


@pytest.mark.parametrize("length", [1, 399, 400, 16_000])
def test_very_short_recordings(diarizer: CommunityDiarizer, length: int) -> None:
    samples = read("english.flac")[8_000 : 8_000 + length]

    assert all(turn.end <= length / 16_000 for turn in diarize(diarizer, samples).turns)


def test_the_level_does_not_matter(diarizer: CommunityDiarizer) -> None:
    samples = read("german.flac")
    loud, quiet = (diarize(diarizer, samples * level).turns for level in (1.0, 0.1))

    assert sum(turn.end - turn.start for turn in quiet) == pytest.approx(
        sum(turn.end - turn.start for turn in loud), rel=0.1
    )


def test_the_same_voice_is_known_again(diarizer: CommunityDiarizer) -> None:
    susan, thomas = (diarize(diarizer, read(name)).voices[0] for name in ("english.flac", "german.flac"))
    both = diarize(diarizer, read("two_languages.flac"), SpeakerBounds(minimum=2, maximum=2)).voices

    assert (both @ susan).argmax() == 0
    assert (both @ thomas).argmax() == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises((WeightsMissingError, WeightsCorruptError), match=r"segmentation\.ort"):
        CommunityDiarizer(tmp_path)
