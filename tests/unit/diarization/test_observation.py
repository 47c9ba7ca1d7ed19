"""Which blocks the network is run on, with a network that returns what it is given."""

import numpy as np
import pytest

from panglot.diarization.observation import POINT_FRAMES, Chunk, Observer, Tape
from panglot.diarization.segmentation import FRAMES, HOP_SECONDS, boundary

BLOCK = 32_000


class Encoder:
    """Counts blocks; an embedding is how many frames were looked at."""

    def __init__(self) -> None:
        self.blocks = []

    def trace(self, features):
        self.blocks.append(features)
        return np.zeros((4, 25), np.float32)

    def embed(self, trace, mask):
        assert trace.shape[1] == len(mask)
        return np.full(256, mask.sum(), np.float32)


def spans(*parts):
    """Activity of a chunk from speaker, start and end in seconds."""
    activity = np.zeros((FRAMES, 3), bool)
    for speaker, start, end in parts:
        activity[round(start / HOP_SECONDS) : round(end / HOP_SECONDS), speaker] = True
    return activity


@pytest.fixture
def tape():
    tape = Tape()
    tape.extend(np.random.default_rng(1).standard_normal(40 * 16_000).astype(np.float32))
    return tape


NO_POINTS = range(0)
ALL_POINTS = range(FRAMES // POINT_FRAMES)


def hear(observer, *parts, start=0, points=NO_POINTS):
    return observer.observe([Chunk(start=start, activity=spans(*parts), points=points)])[0]


def observe(tape, *parts):
    encoder = Encoder()
    observed = hear(Observer(encoder, tape, each=map), *parts)
    return encoder, observed.embeddings


def test_nobody_costs_nothing(tape) -> None:
    encoder, embeddings = observe(tape)

    assert encoder.blocks == []
    assert np.isnan(embeddings).all()


def test_one_block_is_enough_for_a_short_turn(tape) -> None:
    encoder, embeddings = observe(tape, (1, 4.2, 5.7))

    assert len(encoder.blocks) == 1
    assert embeddings[1, 0] * 0.08 == pytest.approx(1.5, abs=0.16)
    assert np.isnan(embeddings[[0, 2]]).all()


def test_all_speech_is_listened_to_also_where_one_person_speaks(tape) -> None:
    """Segmentation may take two people for one all through a chunk."""
    encoder, embeddings = observe(tape, (0, 0.1, 5.9))

    assert len(encoder.blocks) == 3
    assert embeddings[0, 0] * 0.08 == pytest.approx(5.8, abs=0.16)


def test_overlap_is_left_out_where_there_is_other_speech(tape) -> None:
    _, embeddings = observe(tape, (0, 2.0, 4.0), (1, 3.0, 4.0))

    assert embeddings[0, 0] * 0.08 == pytest.approx(1.0, abs=0.16)
    assert embeddings[1, 0] * 0.08 == pytest.approx(1.0, abs=0.16)


def test_a_block_is_run_once(tape) -> None:
    encoder = Encoder()
    observer = Observer(encoder, tape, each=map)
    hear(observer, (0, 6.0, 9.0))
    before = len(encoder.blocks)
    hear(observer, (2, 3.0, 6.0), start=3 * 16_000)

    assert len(encoder.blocks) == before == 2


def test_features_have_no_mean_and_silence_past_the_end_is_zero() -> None:
    tape = Tape()
    tape.extend(np.random.default_rng(1).standard_normal(BLOCK // 2).astype(np.float32))
    encoder, _ = observe(tape, (0, 0.1, 0.9))
    [features] = encoder.blocks

    assert features.shape == (200, 80)
    assert (features[98:] == 0).all()
    np.testing.assert_allclose(features[:98].mean(axis=0), 0.0, atol=1e-4)


def test_a_muted_line_does_not_change_the_features_of_speech() -> None:
    noise = np.random.default_rng(1).standard_normal(4 * BLOCK).astype(np.float32)
    tape = Tape()
    tape.extend(np.concatenate([noise, np.zeros(BLOCK // 2, np.float32), noise]))
    encoder, _ = observe(tape, (0, 2.1, 3.9))
    [features] = encoder.blocks

    np.testing.assert_allclose(features.mean(axis=0), 0.0, atol=0.15)


def test_where_nothing_is_heard_there_are_no_features() -> None:
    tape = Tape()
    tape.extend(np.zeros(6 * BLOCK, np.float32))
    encoder, _ = observe(tape, (0, 2.1, 3.9))

    assert [block.any() for block in encoder.blocks] == [False]


def test_the_tape_keeps_places() -> None:
    tape = Tape()
    tape.extend(np.arange(10, dtype=np.float32))
    tape.forget(4)
    tape.extend(np.arange(10, 12, dtype=np.float32))

    assert tape.end == 12
    assert tape.take(5, 3).tolist() == [5, 6, 7]
    assert tape.take(10, 4).tolist() == [10, 11, 0, 0]
    tape.forget(100)
    assert (tape.end, tape.take(12, 1).tolist()) == (12, [0])


def test_the_voice_is_described_at_moments_of_one_speaker(tape) -> None:
    observer = Observer(Encoder(), tape, each=map)
    track = hear(observer, (0, 1.0, 5.0), (1, 4.0, 8.0), (2, 9.0, 9.3), points=ALL_POINTS).track
    seconds = np.array([boundary(point * POINT_FRAMES + POINT_FRAMES // 2) for point in ALL_POINTS])
    described = ~np.isnan(track[:, 0])

    alone = ((seconds > 1.1) & (seconds < 3.9)) | ((seconds > 5.1) & (seconds < 7.9))
    nobody_or_two = (seconds < 0.9) | ((seconds > 4.1) & (seconds < 4.9)) | (seconds > 8.1)
    assert described[alone].all()
    assert not described[nobody_or_two].any()  # 0.3 s of the third speaker are too little
    middle = (seconds > 1.7) & (seconds < 3.3)
    assert set(track[middle, 0]) <= {14.0, 15.0, 16.0}  # 1.2 s of frames of 0.08 s
    assert np.array_equal(observer.track(ALL_POINTS), track, equal_nan=True)


def test_one_speaker_alone_is_followed_too(tape) -> None:
    observed = hear(Observer(Encoder(), tape, each=map), (0, 0.0, 9.9), points=ALL_POINTS)

    assert observed.track.shape == (len(ALL_POINTS), 256)
    assert not np.isnan(observed.track[3:-3]).any()
