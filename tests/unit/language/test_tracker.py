"""Noisy evidence about languages → decisions that change only for a reason."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.language.tracker import Evidence, LanguageTracker, Stretch

LANGUAGES = ("de", "en", "fr", "sv")
LAG = 2


def evidence(*rows: tuple[str, float, float], whole: dict[str, float] | None = None) -> Evidence:
    """One window: for each stretch its language, how probable that is, and its seconds; the rest is spread evenly."""
    found = [_spread(language, probability) for language, probability, _ in rows]
    mean = {code: sum(each[code] for each in found) / len(found) for code in LANGUAGES}
    return Evidence(
        whole=whole or mean,
        stretches=tuple(
            Stretch(duration=row[2], probabilities=probabilities)
            for row, probabilities in zip(rows, found, strict=True)
        ),
    )


def _spread(language: str, probability: float) -> dict[str, float]:
    rest = (1 - probability) / (len(LANGUAGES) - 1)
    return {code: probability if code == language else rest for code in LANGUAGES}


def track(windows: Sequence[Evidence], languages: Sequence[str] = LANGUAGES) -> list[tuple[str, ...]]:
    tracker = LanguageTracker(languages)
    return [*(codes for window in windows for codes in tracker.feed(window)), *tracker.finish()]


def flat(decisions: Sequence[tuple[str, ...]]) -> str:
    return " ".join(code for codes in decisions for code in codes)


def test_one_language() -> None:
    assert flat(track([evidence(("en", 0.95, 12))] * 4)) == "en en en en"


@pytest.mark.parametrize("probability", [0.5, 0.6, 0.7])
def test_a_noisy_window_does_not_flip(probability: float) -> None:
    sure, noisy = evidence(("en", 0.95, 12)), evidence(("sv", probability, 12))
    assert flat(track([sure, sure, noisy, sure, sure])) == "en en en en en"


def test_a_short_stretch_that_claims_to_be_sure_does_not_flip() -> None:
    sure, short = evidence(("en", 0.95, 12)), evidence(("en", 0.95, 10), ("fr", 0.9, 0.6))
    assert track([sure, short, sure])[1] == ("en", "en")


@pytest.mark.parametrize("place", [0, 3])
def test_noise_at_either_end_does_not_flip(place: int) -> None:
    windows = [evidence(("en", 0.95, 12))] * 4
    windows[place] = evidence(("sv", 0.5, 3))
    assert flat(track(windows)) == "en en en en"


def test_a_real_change_does() -> None:
    english, german = evidence(("en", 0.95, 12)), evidence(("de", 0.97, 12))
    assert flat(track([english, english, german, german, english])) == "en en de de en"


def test_a_sure_window_between_two_others_is_a_change() -> None:
    english, german = evidence(("en", 0.97, 12)), evidence(("de", 0.99, 12))
    assert flat(track([english, german, english])) == "en de en"


def test_a_change_inside_a_window_is_found_at_its_stretch() -> None:
    english, german = evidence(("en", 0.97, 12)), evidence(("de", 0.97, 12))
    both = evidence(("en", 0.97, 5), ("en", 0.97, 4), ("de", 0.97, 5))
    assert track([english, both, german]) == [("en",), ("en", "en", "de"), ("de",)]


def test_a_language_that_was_clearly_heard_needs_less_to_return() -> None:
    english, swedish, leaning = evidence(("en", 0.97, 12)), evidence(("sv", 0.97, 12)), evidence(("sv", 0.7, 12))
    assert flat(track([english, leaning])) == "en en"
    assert flat(track([english, swedish, english, leaning])) == "en sv en sv"


def test_weak_evidence_adds_up() -> None:
    english, leaning = evidence(("en", 0.97, 12)), evidence(("de", 0.6, 12))
    assert flat(track([english, leaning])) == "en en"
    assert flat(track([english, *[leaning] * 4])) == "en de de de de"


def test_the_future_decides_what_the_past_left_open() -> None:
    open_, german = (
        evidence(("en", 0.3, 12), whole={"en": 0.4, "de": 0.4, "fr": 0.1, "sv": 0.1}),
        evidence(("de", 0.97, 12)),
    )
    assert flat(track([open_, german])) == "de de"
    assert flat(track([open_])) == "en"


def test_only_allowed_languages_are_decided() -> None:
    swedish = evidence(("sv", 0.9, 12), whole={"sv": 0.9, "en": 0.02, "de": 0.07, "fr": 0.01})
    assert set(flat(track([swedish] * 3, ("de", "en"))).split()) <= {"de", "en"}
    assert flat(track([swedish] * 3, ("fr",))) == "fr fr fr"


def test_evidence_that_names_none_of_the_languages_is_no_reason_for_a_change() -> None:
    nothing = Evidence(whole={"xx": 1.0}, stretches=(Stretch(duration=12, probabilities={"xx": 1.0}),))
    assert flat(track([evidence(("en", 0.97, 12)), nothing, nothing])) == "en en en"


def test_decisions_wait_for_two_windows_and_no_longer() -> None:
    tracker = LanguageTracker(LANGUAGES)
    counts = [len(list(tracker.feed(evidence(("en", 0.95, 12))))) for _ in range(6)]
    assert counts == [0] * LAG + [1] * (6 - LAG)
    assert len(list(tracker.finish())) == LAG
    assert list(tracker.finish()) == []


def test_nothing_gives_nothing() -> None:
    assert track([]) == []


stretches = st.tuples(st.sampled_from(LANGUAGES), st.floats(0.0, 1.0), st.floats(0.2, 15.0))
windows = st.lists(st.lists(stretches, min_size=1, max_size=4).map(lambda rows: evidence(*rows)), max_size=12)


@given(windows)
def test_every_stretch_is_decided_once_and_in_order(windows: list[Evidence]) -> None:
    tracker = LanguageTracker(LANGUAGES)
    decided = 0
    for number, window in enumerate(windows):
        for codes in tracker.feed(window):
            assert len(codes) == len(windows[decided].stretches)
            decided += 1
        assert decided == max(0, number + 1 - LAG)
    for codes in tracker.finish():
        assert len(codes) == len(windows[decided].stretches)
        assert set(codes) <= set(LANGUAGES)
        decided += 1
    assert decided == len(windows)


@given(st.sampled_from(LANGUAGES), st.integers(1, 60))
def test_a_language_that_is_always_sure_is_always_decided(language: str, count: int) -> None:
    assert track([evidence((language, 0.9, 8.0), (language, 0.9, 2.0))] * count) == [(language, language)] * count
