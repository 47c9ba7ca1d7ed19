"""Simulated conversations hold what they say they hold."""

import conversations
import numpy as np
import pytest
from conversations import Conversation, Line, Turn, Voice, choose, converse, higher, noisy, stretches, telephone

RATE = 16_000


def tone(hz, seconds, amplitude=0.3):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def quiet(seconds):
    return np.zeros(round(seconds * RATE), np.float32)


def voice(number, language="en"):
    """One person: a tone of 2 s, and two tones of 1 s with a pause of 0.6 s between them."""
    hz = 200 + 150 * number
    lines = (
        Line(samples=tone(hz, 2), text=f"long {number}"),
        Line(samples=np.concatenate([tone(hz, 1), quiet(0.6), tone(hz, 1)]), text=f"twice {number}"),
    )
    return Voice(person=f"p{number}", language=language, lines=lines)


def talk(people=3, **options):
    return converse("talk", [voice(number) for number in range(people)], **{"seconds": 60, "seed": "1"} | options)


def power_at(samples, hz):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / RATE) - hz) < 20
    return spectrum[near].sum() / spectrum.sum()


def level_db(samples):
    return 10 * np.log10(np.square(samples, dtype=np.float64).mean())


def test_turns_are_where_their_speaker_sounds_and_nobody_else():
    made = talk(room=False)
    assert made.seconds >= 60
    for turn in made.turns:
        heard = made.samples[round(turn.start * RATE) : round(turn.end * RATE)]
        assert power_at(heard, 200 + 150 * int(turn.speaker[1:])) > 0.9
    silent = np.ones(len(made.samples), bool)
    for turn in made.turns:
        silent[round(turn.start * RATE) - RATE // 20 : round(turn.end * RATE) + RATE // 20] = False
    assert silent.any()
    assert not made.samples[silent].any()


def test_a_pause_inside_a_line_parts_two_turns_of_one_utterance():
    line = voice(0).lines[1]
    made = converse("one", [Voice(person="p", language="en", lines=(line,))], seconds=1, seed="1", whole_lines=True)
    (utterance,) = made.utterances
    assert utterance.text == "twice 0"
    assert [round(turn.end - turn.start, 1) for turn in made.turns] == [1.0, 1.0]
    assert (made.turns[0].start, made.turns[-1].end) == pytest.approx((utterance.start, utterance.end), abs=0.05)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_the_share_of_overlap_is_the_one_asked_for(share):
    made = talk(people=4, seconds=600, overlap=share)
    assert made.overlap == pytest.approx(share, abs=0.3 * share)


def test_without_overlap_nobody_interrupts():
    assert talk().overlap == 0


@pytest.mark.parametrize("people", [1, 2, 5])
def test_never_three_at_once_and_nobody_over_himself(people):
    made = talk(people=people, seconds=300, overlap=0.2)
    for time in np.arange(0, made.seconds, 0.05):
        speaking = [one.speaker for one in made.utterances if one.start < time < one.end]
        assert len(speaking) <= 2
        assert len(set(speaking)) == len(speaking)


def test_everybody_speaks_however_short_it_is():
    made = talk(people=10, seconds=1)
    assert {turn.speaker for turn in made.turns} == {f"p{number}" for number in range(10)}


def test_the_same_seed_gives_the_same_conversation():
    first, again, other = talk(overlap=0.1), talk(overlap=0.1), talk(overlap=0.1, seed="2")
    assert first.turns == again.turns
    assert np.array_equal(first.samples, again.samples)
    assert first.turns != other.turns


def test_rooms_add_echo_and_levels_but_move_nothing():
    dry, wet = talk(seconds=20, room=False), talk(seconds=20)
    first = wet.turns[0]
    end = round(first.end * RATE)
    assert np.abs(wet.samples[: round(first.start * RATE) - 1]).max() < 1e-6
    assert np.abs(wet.samples[end + 200 : end + 800]).max() > 1e-4  # the room is still heard
    assert {one.speaker for one in dry.turns} == {one.speaker for one in wet.turns}
    levels = [level_db(wet.samples[round(one.start * RATE) : round(one.end * RATE)]) for one in wet.turns]
    assert max(levels) - min(levels) > 1


def test_samples_never_pass_full_scale():
    loud = Voice(person="p", language="en", lines=(Line(samples=np.eye(1, 2 * RATE, 500, dtype=np.float32)[0]),))
    assert np.abs(converse("loud", [loud], seconds=2, seed="1").samples).max() <= 0.9501


def test_choosing_takes_each_person_once_and_spreads_over_languages():
    known = [voice(number, "de" if number % 2 else "en") for number in range(8)]
    both = Voice(person="p0", language="de", lines=known[0].lines)
    chosen = choose([*known, both], 6, seed="1")
    assert len({one.person for one in chosen}) == 6
    assert sorted(one.language for one in chosen) == ["de"] * 3 + ["en"] * 3
    assert {one.language for one in choose(known, 4, seed="1", language="de")} == {"de"}
    with pytest.raises(ValueError, match="5 speakers of de"):
        choose(known, 5, seed="1", language="de")


def test_a_telephone_keeps_its_band_and_every_time():
    low, middle, high = (telephone(tone(hz, 1)) for hz in (100, 1000, 5000))
    assert level_db(low) < level_db(tone(100, 1)) - 30
    assert level_db(middle) == pytest.approx(level_db(tone(1000, 1)), abs=0.5)
    assert level_db(high) < level_db(tone(5000, 1)) - 30
    click = np.zeros(RATE, np.float32)
    click[8000] = 0.5
    assert abs(int(np.abs(telephone(click)).argmax()) - 8000) <= 1


def test_noise_lies_the_asked_distance_under_the_speech():
    samples = np.concatenate([quiet(1), tone(500, 2, 0.05), quiet(1)])
    louder = noisy(samples, [Turn(start=1, end=3, speaker="p")], snr_db=10, seed=1)
    assert level_db(samples[RATE : 3 * RATE]) - level_db(louder - samples) == pytest.approx(10, abs=0.1)
    assert level_db(noisy(quiet(1), [], snr_db=10, seed=1)) < -30


def test_a_higher_voice_is_higher():
    shifted = higher(voice(0), 12).lines[0].samples
    assert len(shifted) == RATE
    assert power_at(shifted, 400) > 0.9


def test_stretches_of_speech_in_noise():
    noise = np.random.default_rng(1).normal(0, 0.01, 5 * RATE).astype(np.float32)
    noise[RATE : 2 * RATE] += tone(300, 1)
    noise[int(2.3 * RATE) : 3 * RATE] += tone(300, 0.7)
    assert [(start / RATE, end / RATE) for start, end in stretches(noise)] == [
        (pytest.approx(1, abs=0.05), pytest.approx(3, abs=0.05))
    ]
    assert len(stretches(noise, pause=0.2)) == 2


def test_counting_the_overlap():
    turns = (Turn(start=0, end=4, speaker="a"), Turn(start=3, end=6, speaker="b"), Turn(start=8, end=10, speaker="a"))
    made = Conversation(name="x", samples=quiet(10), turns=turns, utterances=())
    assert made.overlap == pytest.approx(1 / 8)


@pytest.mark.slow
def test_people_of_the_speech_set_are_told_apart(speech_set):
    known = conversations.voices(speech_set)
    by_person = {one.person: {other.language for other in known if other.person == one.person} for one in known}
    assert by_person["en_US_f_Allison"] == {"en", "es"}
    assert len({(one.person, one.language) for one in known}) == len(known)
    assert not [person for person in by_person if any(name in person for name in ("CSS10", "LibriTTS", "Earnings"))]
    assert all(len(one.lines) == 1 for one in known if "FLEURS" in one.person)
