"""What was sent of a text is never taken back, and together it is the text."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from panglot.server.v1.streaming import Told
from panglot.testing import make_segment, make_transcript, random_transcript

ONE = make_segment("One.", start=0.0)
TWO = make_segment("Two.", start=1.0)
THREE = make_segment("Three.", start=2.0)


@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 12), max_size=4))
def test_deltas_together_are_the_text_also_where_chunks_come_again(seed: int, cuts: list[int]) -> None:
    transcript = random_transcript(seed, segments=12)
    told = Told()
    deltas = [told.tell(transcript.segments[:cut]) for cut in cuts]
    deltas.append(told.finish(transcript))
    assert "".join(deltas) == told.text == transcript.text


def test_segments_that_come_again_are_left_out() -> None:
    told = Told()
    assert told.tell([ONE, TWO]) == "One. Two."
    assert told.tell([ONE, TWO, THREE]) == " Three."
    assert told.tell([THREE]) == ""


def test_without_partials_the_whole_text_comes_at_the_end() -> None:
    told = Told()
    assert told.finish(make_transcript(ONE, TWO)) == told.text == "One. Two."


def test_a_text_that_turned_out_otherwise_goes_on_after_what_was_sent() -> None:
    told = Told()
    told.tell([ONE, TWO])
    changed = make_transcript(replace(ONE, text="Won."), TWO, THREE)
    assert told.finish(changed) == " Three."
    assert told.text == "One. Two. Three."


def test_languages_without_spaces_get_none() -> None:
    told = Told()
    assert told.tell(
        [make_segment("你好。", start=0.0, language="zh"), make_segment("再见。", start=1.0, language="zh")]
    ) == ("你好。再见。")
