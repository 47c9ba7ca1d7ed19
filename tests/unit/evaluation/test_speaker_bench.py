"""The parts of the speaker benchmark that a wrong figure could come from."""

import numpy as np
import pytest
from conversations import Turn
from diarizing.plans import planned, tables_of
from diarizing.recordings import turns_marked
from diarizing.stability import counted_from
from diarizing.variants import VARIANTS, delay
from diarizing.words import by_speaker

RATE = 16_000


def chirps(seconds):
    """A sound that is like itself at one place only."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * (300 * time + 200 * time**2))).astype(np.float32)


@pytest.mark.parametrize("variant", VARIANTS[-2:], ids=lambda variant: variant.name)
def test_what_comes_back_from_a_codec_is_in_its_place(variant):
    samples = chirps(4)
    back = variant.make(samples)
    assert back.shape == samples.shape
    assert abs(delay(samples, back)) <= 1
    assert np.corrcoef(samples[: 3 * RATE], back[: 3 * RATE])[0, 1] > 0.8


@pytest.mark.parametrize("late", [-700, 0, 1105])
def test_a_delay_is_found(late):
    samples = chirps(3)
    back = np.roll(samples, late)
    assert delay(samples, back) == late


def test_turns_on_the_line_of_a_recording_that_begins_later():
    turns = [Turn(start=0, end=2, speaker="a"), Turn(start=1, end=5, speaker="b"), Turn(start=6, end=7, speaker="a")]
    assert counted_from(3.0, turns) == [Turn(start=0, end=2, speaker="b"), Turn(start=3, end=4, speaker="a")]


def test_words_are_gathered_by_speaker_in_time_order():
    def words(*spoken):
        return {"words": [{"text": text, "speaker": speaker} for text, speaker in spoken]}

    result = {
        "segments": [words(("Good", "A"), (" day.", "A")), words(("Hello", "B"), (" you", None)), words(("Bye.", "A"))]
    }
    gathered = by_speaker(result)
    assert {name: text.split() for name, text in gathered.items()} == {
        "A": ["Good", "day.", "Bye."],
        "B": ["Hello"],
        "nobody": ["you"],
    }


def test_a_real_recording_says_who_speaks_when(tmp_path):
    path = tmp_path / "x.rttm"
    path.write_text("SPEAKER x 1 3.168 0.800 <NA> <NA> MEO069 <NA> <NA>\n", "utf-8")
    assert turns_marked(path) == (Turn(start=3.168, end=pytest.approx(3.968), speaker="MEO069"),)


def test_every_plan_is_in_a_table_and_has_a_name_of_its_own():
    plans = planned(quick=False)
    assert len({plan.name for plan in plans}) == len(plans)
    tables = tables_of(plans)
    assert set(tables) == {"all", "by language", "by number of speakers", "by duration", "by overlap"}
    assert {"2 speakers", "10 speakers"} < set(tables["by number of speakers"])
    assert tables["by duration"] == ["1 min", "3 min", "10 min", "30 min", "60 min"]
    shown = {group for groups in tables.values() for group in groups}
    assert shown == {group for plan in plans for group in plan.groups}
