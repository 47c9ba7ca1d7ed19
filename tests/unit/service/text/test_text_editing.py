import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.service.text.editing import Edit, edit_words, with_words
from panglot.testing import make_segment, make_word


def texts(words):
    return [word.text for word in words]


def test_words_that_a_change_touches_become_one_over_all_their_time():
    words = make_segment("We like open ai, too.", end=5.0).words
    made = edit_words(words, [Edit(start=8, end=15, text="OpenAI")])
    assert texts(made) == ["We", " like", " OpenAI,", " too."]
    assert (made[2].start, made[2].end) == (2.0, 4.0)


def test_changes_in_one_word_are_made_together():
    words = make_segment("ab cd").words
    made = edit_words(
        words, [Edit(start=0, end=1, text="X"), Edit(start=1, end=2, text="Y"), Edit(start=4, end=5, text="Z")]
    )
    assert texts(made) == ["XY", " cZ"]


def test_the_space_of_a_word_left_out_goes_to_the_next():
    segment = make_segment(words=["so", " [noise]", "well"])
    made = with_words(segment, edit_words(segment.words, [Edit(start=3, end=10, text="")]))
    assert made is not None
    assert texts(made.words) == ["so", " well"]
    assert made.text == "so well"


def test_nothing_left_is_no_segment():
    segment = make_segment("[noise]")
    assert with_words(segment, edit_words(segment.words, [Edit(start=0, end=7, text="")])) is None


@given(st.lists(st.text("ab ,", min_size=1, max_size=4), min_size=1, max_size=6), st.data())
def test_the_text_is_the_same_as_changing_it_without_words(pieces, data):
    words = [make_word(piece, start=index, end=index + 1) for index, piece in enumerate(pieces)]
    text = "".join(pieces)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    made = edit_words(words, [Edit(start=start, end=end, text="X")])
    assert "".join(texts(made)) == text[:start] + "X" + text[end:]
    assert made[0].start == pytest.approx(0.0)
    assert made[-1].end == pytest.approx(len(pieces))
