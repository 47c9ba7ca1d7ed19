"""Pieces → words, in languages with and without spaces, on the recording's time line."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_parts import pieces, regions, window

from panglot.audio.activity import HOP_SECONDS
from panglot.engines import Piece
from panglot.pipeline.regions import Region
from panglot.pipeline.windows import Window
from panglot.pipeline.words import outside_speech, words_of
from panglot.units import SAMPLE_RATE

WIDE = window((0, 60))


def split(language: str, *texts: str) -> list[str]:
    return [word.text for word in words_of(pieces(*texts), language=language, window=WIDE)]


@pytest.mark.parametrize(
    ("language", "texts", "expected"),
    [
        ("en", (" He", "llo", ",", " wor", "ld", "!"), ["Hello,", " world!"]),
        ("en", (" 1", ",", "000", " times"), ["1,000", " times"]),
        ("en", (" don", "'t"), ["don't"]),
        ("fr", (" Qu", "oi", " ?"), ["Quoi", " ?"]),
        ("es", (" ¿", "Qué", " tal", "?"), ["¿Qué", " tal?"]),
        ("en", ("Hel", "lo"), ["Hello"]),
        ("en", (" ", "Hello"), ["Hello"]),
        ("ko", (" 안녕", "하", "세요", " 여러", "분"), ["안녕하세요", " 여러분"]),
        ("vi", (" xin", " chào"), ["xin", " chào"]),
        ("hi", (" नम", "स्", "ते", " जी"), ["नमस्ते", " जी"]),
        ("zh", ("我", "们", "走", "吧", "。"), ["我", "们", "走", "吧。"]),
        ("zh", ("“", "好", "”", "，", "他", "说"), ["“好”，", "他", "说"]),
        ("zh", ("我", "用", "i", "Phone", "15", "打"), ["我", "用", "iPhone15", "打"]),
        ("zh", ("我", " i", "Phone"), ["我", " iPhone"]),
        ("ja", ("「", "はい", "」", "と", "言う", "。"), ["「はい」", "と", "言う。"]),
        ("th", ("ส", "ว", "ั", "ส", "ด", "ี"), ["ส", "วั", "ส", "ดี"]),
        ("th", ("เ", "ป", "็", "น"), ["เป็", "น"]),
        ("lo", ("ໄ", "ທ", "ຍ"), ["ໄທ", "ຍ"]),
        ("my", ("မ", "ြ", "န", "်", "မ", "ာ"), ["မြ", "န်", "မာ"]),
        ("my", ("က", "္", "က"), ["က္က"]),
        ("km", ("ខ", "្", "ម", "ែ", "រ"), ["ខ្មែ", "រ"]),
        ("bo", ("བོ", "ད", "་", "ཡི", "ག", "།"), ["བོ", "ད་", "ཡི", "ག།"]),
    ],
)
def test_words_of_many_scripts(language: str, texts: tuple[str, ...], expected: list[str]) -> None:
    assert split(language, *texts) == expected


def test_nothing_gives_nothing() -> None:
    assert words_of([], language="en", window=WIDE) == ()
    assert words_of(pieces("", " ", ""), language="en", window=WIDE) == ()


def test_a_word_spans_its_pieces_and_has_their_mean_probability() -> None:
    [word] = words_of(
        [
            Piece(text="He", start=1.0, end=1.2, probability=0.9),
            Piece(text="ll", start=1.2, end=1.3, probability=0.6),
            Piece(text="o", start=1.3, end=1.5, probability=0.3),
        ],
        language="en",
        window=WIDE,
    )
    assert (word.start, word.end) == (1.0, 1.5)
    assert word.probability == pytest.approx(0.6)


def test_words_are_placed_in_the_recording_behind_a_shortened_pause() -> None:
    cut = window((10, 12), (20, 22))
    found = words_of(pieces("a", " b", start=1.0, step=1.5), language="en", window=cut)
    assert [(word.start, word.end) for word in found] == [(11.0, 12.0), (20.5, 22.0)]


def test_a_word_in_a_pause_moves_to_the_nearest_speech() -> None:
    whole = replace(window((0, 10)), regions=regions((0, 2), (6, 10)))
    [word] = words_of([Piece(text="x", start=3, end=4, probability=1)], language="en", window=whole)
    assert (word.start, word.end) == (2.0, 2.02)


def test_padding_is_no_part_of_a_word() -> None:
    """Alignment puts the silence before and behind speech into the words beside it."""
    region = Region(start=10.0, end=13.0, lead=0.2, tail=0.5)
    padded = Window(regions=(region,), pieces=(region,), samples=np.zeros(3 * SAMPLE_RATE, np.float32))

    [first, second] = words_of(pieces(" one", " two", step=1.5), language="en", window=padded)

    assert (first.start, first.end) == (pytest.approx(10.2 - HOP_SECONDS), 11.5)
    assert (second.start, second.end) == (11.5, pytest.approx(12.5 + HOP_SECONDS))


def test_words_without_length_follow_each_other() -> None:
    at_once = [Piece(text=text, start=1.0, end=1.0, probability=1) for text in ("la", " la", " la")]
    found = words_of(at_once, language="en", window=WIDE)
    assert [time for word in found for time in (word.start, word.end)] == pytest.approx(
        [1, 1.02, 1.02, 1.04, 1.04, 1.06]
    )


characters = st.sampled_from("ab1 ,.我们ไทยเ่ཀ་ាក្é¿«»()\u200b-'")
texts = st.lists(st.text(characters, max_size=4), max_size=20)
languages = st.sampled_from(["en", "zh", "ja", "th", "km", "bo", "my", "lo", "ko", "ar"])


@given(
    texts=texts,
    language=languages,
    steps=st.lists(st.floats(0, 3), min_size=20, max_size=20),
    bounds=st.lists(st.floats(0.3, 4), min_size=2, max_size=8),
)
def test_words_join_to_the_text_and_stay_in_order_inside_speech(
    texts: list[str], language: str, steps: list[float], bounds: list[float]
) -> None:
    edges: list[tuple[float, float]] = []
    at = 0.0
    for length, gap in zip(bounds[::2], bounds[1::2], strict=False):
        edges.append((at, at + length))
        at += length + gap
    place = window(*edges)
    timed: list[Piece] = []
    time = 0.0
    for text, step in zip(texts, steps, strict=False):
        end = min(time + step, place.duration)
        timed.append(Piece(text=text, start=time, end=end, probability=0.5))
        time = end
    found = words_of(timed, language=language, window=place)
    assert "".join(word.text for word in found) == "".join(texts).strip()
    assert all(word.start <= word.end for word in found)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(found))
    assert all(place.start <= word.start and word.end <= place.end + 1e-9 for word in found)
    assert all(word.text.strip() for word in found[:1] + found[-1:])


def test_text_outside_of_speech_is_measured() -> None:
    whole = replace(window((0, 10)), regions=regions((0, 2), (6, 10)))
    timed = [
        Piece(text="a", start=0.5, end=1.5, probability=1),
        Piece(text="b", start=2.4, end=4.5, probability=1),
        Piece(text=" ", start=4.5, end=5.5, probability=1),
        Piece(text="c", start=6, end=7, probability=1),
    ]
    assert outside_speech(timed, whole) == pytest.approx(2.1)


@pytest.mark.parametrize(("start", "end"), [(1.5, 4.5), (2.2, 5), (3, 5.8), (0, 10)])
def test_text_that_reaches_into_speech_or_near_it_is_not_outside(start: float, end: float) -> None:
    whole = replace(window((0, 10)), regions=regions((0, 2), (6, 10)))
    assert outside_speech([Piece(text="a", start=start, end=end, probability=1)], whole) == 0.0


def test_a_shortened_pause_is_not_text_without_speech() -> None:
    assert outside_speech(pieces("abc", start=1.0, step=2.0), window((0, 2), (30, 32))) == pytest.approx(0.0)
