"""Transcripts as nobody should ever produce them, but as everybody must be able to print them."""

import unicodedata

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from panglot.testing import make_segment, make_transcript, make_word
from panglot.transcripts import Segment, Transcript

# A busy machine is no reason to fail.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

NASTY = st.sampled_from(
    [
        "-->",
        "--->",
        "00:00:00,000 --> 00:00:01,000",
        "<b>",
        "</v>",
        "&amp;",
        "&",
        '"',
        '""',
        "\t",
        "\n",
        "\r\n",
        "\n\n7\n",
        "\u2028",
        "\x00",
        "\x1b[31m",
        "\ud800",
        "NOTE",
        "WEBVTT",
        ";;",
        "#",
        "*",
        "_x_",
        "`",
        "[a](b)",
        "<!--",
        "| a | b |",
        "$x$",
        "\\",
        "שלום",
        "مرحبا،",
        "🙂",
        "👩‍👩‍👧",
        "e\u0301",
        "……",
        "”",
        "long" * 30,
        "長" * 30,
    ]
)
PLAIN = st.sampled_from(["and", "so", "it", "ends.", "Why?", "well,", "Donaudampfschiff", "東京", "です。", "ครับ"])
TEXTS = st.one_of(PLAIN, NASTY, st.text(min_size=1, max_size=8))
MILLISECONDS = st.integers(min_value=0, max_value=3000)
LANGUAGES = st.sampled_from(["en", "ar", "zh", "th"])
NAMES = st.sampled_from(["A", "B", "Ann <ann&co>", "line\nbreak", "-->"])


@st.composite
def segments(draw: st.DrawFn, clock: int, speaker: str | None, *, tidy: bool) -> tuple[Segment, int]:
    clock += draw(st.sampled_from([0, 0, 100, 400, 1600, 2500, 9000]))
    language = "en" if tidy else draw(LANGUAGES)
    words = []
    for _ in range(draw(st.integers(min_value=1 if tidy else 0, max_value=25))):
        start = clock + (draw(st.sampled_from([0, 0, 40, 300])))
        clock = start + draw(MILLISECONDS)
        space = " " if tidy else draw(st.sampled_from([" ", " ", ""]))
        text = space + draw(PLAIN if tidy else TEXTS)
        words.append(make_word(text, start=start / 1000, end=clock / 1000, speaker=speaker))
    made = make_segment(
        draw(TEXTS), start=clock / 1000, end=(clock + 700) / 1000, words=words, language=language, speaker=speaker
    )
    return made, round(made.end * 1000)


@st.composite
def transcripts(
    draw: st.DrawFn, *, speakers: bool = False, tidy: bool = False, overlapping: bool = False
) -> Transcript:
    """Any transcript.

    ``tidy`` ones have English words that all start with a space, and nothing strange in them. ``overlapping`` ones
    have segments at the same time, as two channels do.
    """
    clock, made = 0, []
    for _ in range(draw(st.integers(min_value=0, max_value=5))):
        speaker = draw(NAMES) if speakers else None
        segment, clock = draw(segments(clock, speaker, tidy=tidy))
        made.append(segment)
        if overlapping:
            clock = max(0, clock - draw(st.integers(0, 8000)))
    return make_transcript(*made)


def visible(text: str) -> str:
    """A text without space and control characters: what must survive every format."""
    return "".join(char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cs"))


def spoken(transcript: Transcript) -> str:
    """All visible characters of a transcript, in order."""
    return visible("".join(segment.text for segment in transcript.segments))
