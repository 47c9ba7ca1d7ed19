"""Error rates against values counted by hand."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.evaluation.words import Edit, character_error_rate, error_rate, piecewise, pooled


def counts(rate):
    return rate.hits, rate.substitutions, rate.deletions, rate.insertions


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected", "rate"),
    [
        ("hello world", "hello duck", (1, 1, 0, 0), 1 / 2),
        ("this is a test", "this test", (2, 0, 2, 0), 2 / 4),
        ("one is the loneliest", "one is really the loneliest", (4, 0, 0, 1), 1 / 4),
        ("der Hund bellt laut", "der Bund bellt sehr", (2, 2, 0, 0), 2 / 4),
        ("a", "a b c d", (1, 0, 0, 3), 3.0),
        ("alles still", "", (0, 0, 2, 0), 1.0),
        ("Ja!", "ja", (1, 0, 0, 0), 0.0),
    ],
)
def test_word_errors(reference, hypothesis, expected, rate):
    result = error_rate(reference, hypothesis, language="de")
    assert counts(result) == expected
    assert result.rate == pytest.approx(rate)
    assert result.unit == "word"


def test_text_where_nothing_was_said_is_an_infinite_rate_and_nothing_is_none():
    assert error_rate("", "Vielen Dank", language="de").rate == inf
    assert error_rate("", "Vielen Dank", language="de").insertions == 2
    assert error_rate("", "...", language="de").rate == 0.0


def test_chinese_is_counted_in_characters_whatever_the_spaces():
    result = error_rate("今天天气很好", "今天 天汽好。", language="zh")
    assert counts(result) == (4, 1, 1, 0)
    assert (result.unit, result.reference, result.errors) == ("character", 6, 2)


def test_korean_is_counted_in_words():
    assert error_rate("안녕 세상", "안녕 세계", language="ko").rate == pytest.approx(1 / 2)


def test_hindi_vowel_signs_count():
    assert error_rate("में कि", "में की", language="hi").rate == pytest.approx(1 / 2)


def test_alignment_only_on_request():
    assert error_rate("a b", "a c", language="de").alignment == ()
    assert error_rate("ein guter alter Freund", "ein alter Freund dort", language="de", alignment=True).alignment == (
        Edit(kind="equal", reference=("ein",), hypothesis=("ein",)),
        Edit(kind="delete", reference=("guter",), hypothesis=()),
        Edit(kind="equal", reference=("alter", "freund"), hypothesis=("alter", "freund")),
        Edit(kind="insert", reference=(), hypothesis=("dort",)),
    )


def test_characters_include_spaces_where_a_language_has_them():
    joined = character_error_rate("ab cd", "abcd", language="de")
    assert counts(joined) == (4, 0, 1, 0)
    assert joined.rate == pytest.approx(1 / 5)
    assert character_error_rate("你 好", "你好", language="zh").rate == 0.0


def test_kitten_and_sitting_are_three_apart():
    assert character_error_rate("kitten", "sitting", language="de").errors == 3


def test_pooling_adds_counts_and_not_rates():
    short, long = error_rate("a", "b", language="de"), error_rate("a b c", "a b c", language="de")
    assert pooled([short, long]).rate == pytest.approx(1 / 4)
    assert pooled([]).rate == 0.0


def test_pooling_names_characters_only_where_all_are():
    chinese, german = error_rate("好", "好", language="zh"), error_rate("gut", "gut", language="de")
    assert pooled([chinese, chinese]).unit == "character"
    assert pooled([chinese, german]).unit == "word"


def test_errors_of_a_long_transcript_belong_to_their_pieces():
    references = [("guten Morgen zusammen", "de"), ("good morning everyone", "en"), ("今天很好", "zh")]
    rates = piecewise(references, "guten Morgen everyone zusammen good morning 今天不好", language=None)
    assert [counts(rate) for rate in rates] == [(3, 0, 0, 1), (2, 0, 1, 0), (3, 1, 0, 0)]
    assert [rate.unit for rate in rates] == ["word", "word", "character"]


def test_text_before_the_first_piece_belongs_to_it():
    assert [rate.insertions for rate in piecewise([("b c", "de"), ("d", "de")], "a b c d e", language="de")] == [1, 1]


def test_text_beside_empty_pieces_is_not_lost():
    assert piecewise([("", "de")], "Danke", language="de")[0].insertions == 1


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_pieces_sum_to_the_whole(pieces, hypothesis):
    rates = piecewise([(piece, "de") for piece in pieces], hypothesis, language="de")
    assert counts(pooled(rates)) == counts(error_rate(" ".join(pieces), hypothesis, language="de"))
