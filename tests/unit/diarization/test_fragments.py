"""What is too short to be anybody's turn goes to whoever speaks beside it, or away."""

from panglot.diarization.fragments import without_fragments
from panglot.diarization.protocol import Turn


def left(*turns: tuple[float, float, int]) -> list[tuple[float, float, int]]:
    found = without_fragments([Turn(start=start, end=end, speaker=speaker) for start, end, speaker in turns])
    return [(turn.start, turn.end, turn.speaker) for turn in found]


def test_a_fragment_between_two_turns_of_a_person_is_his() -> None:
    assert left((0.0, 2.0, 0), (2.0, 2.2, 1), (2.2, 4.0, 0)) == [(0.0, 4.0, 0)]


def test_a_fragment_where_two_voices_meet_goes_to_the_longer_turn() -> None:
    assert left((0.0, 1.0, 0), (1.0, 1.2, 2), (1.2, 4.0, 1)) == [(0.0, 1.0, 0), (1.0, 4.0, 1)]


def test_the_first_moment_after_a_pause_is_whose_the_rest_is() -> None:
    assert left((0.0, 1.0, 0), (1.5, 1.7, 0), (1.7, 3.0, 1)) == [(0.0, 1.0, 0), (1.5, 3.0, 1)]


def test_a_short_answer_between_pauses_stays() -> None:
    turns = [(0.0, 1.0, 0), (1.3, 1.5, 1), (1.8, 3.0, 0)]

    assert left(*turns) == turns


def test_a_short_answer_into_the_speech_of_another_stays() -> None:
    turns = [(0.0, 3.0, 0), (1.3, 1.5, 1)]

    assert left(*turns) == turns


def test_an_answer_of_a_third_of_a_second_stays() -> None:
    turns = [(0.0, 1.0, 0), (1.0, 1.35, 1), (1.35, 2.0, 0)]

    assert left(*turns) == turns


def test_a_click_is_nobody() -> None:
    assert left((0.0, 1.0, 0), (1.5, 1.55, 1), (2.0, 3.0, 0)) == [(0.0, 1.0, 0), (2.0, 3.0, 0)]


def test_what_is_all_there_is_stays() -> None:
    assert left((0.5, 0.56, 0)) == [(0.5, 0.56, 0)]


def test_of_two_fragments_the_longer_has_both() -> None:
    assert left((1.0, 1.1, 0), (1.1, 1.3, 1)) == [(1.0, 1.3, 1)]


def test_nobody() -> None:
    assert left() == []


def test_turns_are_in_the_order_of_their_starts() -> None:
    assert left((2.0, 3.0, 1), (0.0, 1.0, 2), (2.0, 2.8, 0)) == [(0.0, 1.0, 2), (2.0, 2.8, 0), (2.0, 3.0, 1)]


def test_of_two_fragments_of_one_length_neither_is_given_to_the_other() -> None:
    turns = [(1.0, 1.25, 0), (1.25, 1.5, 1)]

    assert left(*turns) == turns
