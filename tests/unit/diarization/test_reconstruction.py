import numpy as np

from panglot.diarization.observation import POINT_FRAMES
from panglot.diarization.reconstruction import reconstruct
from panglot.diarization.segmentation import FRAMES, boundary

STEP = 148


def chunk(*spans: tuple[int, int, int]) -> np.ndarray:
    activity = np.zeros((FRAMES, 3), bool)
    for speaker, first, last in spans:
        activity[first:last, speaker] = True
    return activity


def turns_of(activities, labels, duration=60.0, likeness=None):
    known = np.full((0, 2), np.nan) if likeness is None else likeness
    turns, speakers = reconstruct(activities, np.array(labels), similarities=known, step=STEP, duration=duration)
    return [(turn.speaker, turn.start, turn.end) for turn in turns], speakers


def test_one_chunk() -> None:
    turns, speakers = turns_of([chunk((0, 300, 400), (1, 100, 200))], [[0, 1, -1]])

    assert turns == [(0, boundary(100), boundary(200)), (1, boundary(300), boundary(400))]
    assert speakers == [1, 0]


def test_local_numbers_change_from_chunk_to_chunk() -> None:
    turns, _ = turns_of([chunk((0, 200, 500)), chunk((2, 200 - STEP, 500 - STEP))], [[1, -1, -1], [-1, -1, 1]])

    assert turns == [(0, boundary(200), boundary(500))]


def test_two_at_once_are_two_turns() -> None:
    turns, _ = turns_of([chunk((0, 100, 300), (1, 200, 400))], [[0, 1, -1]])

    assert turns == [(0, boundary(100), boundary(300)), (1, boundary(200), boundary(400))]


def test_the_majority_of_chunks_decides_how_many_speak() -> None:
    heard = [chunk((0, 300 - STEP * number, 400 - STEP * number)) for number in range(3)]
    alone = chunk((1, 300, 400))

    assert turns_of([*heard[:2], chunk()], [[0, -1, -1]] * 3)[0] == [(0, boundary(300), boundary(400))]
    assert turns_of([alone, chunk(), chunk()], [[-1, 0, -1]] * 3)[0] == []


def test_what_is_nobodys_is_left_out() -> None:
    assert turns_of([chunk((0, 0, 100), (1, 0, 100))], [[0, -1, -1]])[0] == [(0, 0.0, boundary(100))]


def test_turns_end_with_the_recording() -> None:
    assert turns_of([chunk((0, 0, FRAMES))], [[0, -1, -1]], duration=1.0)[0] == [(0, 0.0, 1.0)]
    assert turns_of([chunk((0, 300, 400))], [[0, -1, -1]], duration=1.0)[0] == []


def test_the_voice_has_the_last_word_where_one_person_speaks() -> None:
    likeness = np.full((FRAMES // POINT_FRAMES, 2), np.nan)
    likeness[10:30] = [0.9, 0.1]
    likeness[20:30] = [0.1, 0.9]  # segmentation took two people for one
    merged = chunk((0, 10 * POINT_FRAMES, 30 * POINT_FRAMES))

    turns, _ = turns_of([merged], [[0, -1, -1]], likeness=likeness)

    middle = boundary(20 * POINT_FRAMES)
    assert turns == [(0, boundary(10 * POINT_FRAMES), middle), (1, middle, boundary(30 * POINT_FRAMES))]


def test_the_voice_says_nothing_about_two_at_once_or_nobody() -> None:
    likeness = np.tile([0.1, 0.9], (FRAMES // POINT_FRAMES, 1))
    both = chunk((0, 140, 280), (1, 140, 280))

    turns, _ = turns_of([both], [[0, 1, -1]], likeness=likeness)

    assert turns == [(0, boundary(140), boundary(280)), (1, boundary(140), boundary(280))]
