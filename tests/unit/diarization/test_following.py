import numpy as np
import pytest

from panglot.diarization.assignment import NOBODY
from panglot.diarization.following import follow

UNKNOWN = [np.nan, np.nan]


def course(*likeness):
    return follow(np.array(likeness, float).reshape(-1, 2)).tolist()


def test_nothing_known_names_nobody() -> None:
    assert course() == []
    assert course(UNKNOWN, UNKNOWN) == [NOBODY, NOBODY]


def test_each_moment_goes_to_whose_voice_it_is() -> None:
    assert course([0.8, 0.1], [0.8, 0.1], [0.1, 0.8], [0.1, 0.8]) == [0, 0, 1, 1]


@pytest.mark.parametrize("doubt", [0.05, 0.25])
def test_one_doubtful_moment_is_no_change_of_speaker(doubt: float) -> None:
    assert course([0.6, 0.3], [0.6, 0.3], [0.4, 0.4 + doubt], [0.6, 0.3]) == [0, 0, 0, 0]


def test_after_a_pause_anybody_may_speak() -> None:
    assert course([0.6, 0.3], UNKNOWN, [0.4, 0.5], UNKNOWN, [0.6, 0.3]) == [0, NOBODY, 1, NOBODY, 0]
