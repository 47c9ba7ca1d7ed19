"""Makers of small valid transcripts: every argument has a default, so a test says only what it is about."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from panglot.transcripts import Audit, LanguageSpan, Receipt, Segment, Transcript, Word, join_segments
from panglot.units import Seconds

_SAMPLES: Final = {
    "en": "So, what did we learn? The tide turned at noon. Nobody had seen it coming, and then everyone had.",
    "de": "Guten Abend, meine Damen und Herren. Das Hochwasser geht zurück! Morgen wird es, hoffentlich, trocken.",
    "ru": "Добрый вечер. Вода уходит, и завтра, надеемся, будет сухо.",
    "ar": "مساء الخير. المياه تنحسر، وغدا سيكون الجو جافا إن شاء الله.",
    "zh": "晚上 好。 洪水 正在 退去， 明天 应该 是 晴天。",
    "ja": "こんばん は。 水 は 引い て います。 明日 は 晴れる でしょう。",
    "th": "สวัสดี ครับ น้ำ กำลัง ลด ลง",
}
_SPACELESS = ("zh", "ja", "th")


def make_word(
    text: str = " hello",
    *,
    start: Seconds = 0.0,
    end: Seconds | None = None,
    probability: float = 0.9,
    speaker: str | None = None,
) -> Word:
    """Make a word; without an end it takes 0.4 s."""
    end = start + 0.4 if end is None else end
    return Word(start=start, end=end, text=text, probability=probability, speaker=speaker)


def make_segment(
    text: str = "Hello there, world.",
    *,
    start: Seconds = 0.0,
    end: Seconds | None = None,
    language: str = "en",
    words: Sequence[str] | Sequence[Word] | None = None,
    speaker: str | None = None,
    channel: int | None = None,
) -> Segment:
    """Make a segment whose words share its time evenly.

    Parameters
    ----------
    text
        Cut into words at spaces, unless ``words`` are given.
    start
        In seconds.
    end
        In seconds; by default each word takes 0.4 s.
    language
        Any code.
    words
        Texts of the words, with their spaces, or finished words; they replace ``text``. An empty list makes a segment
        that has text, but no words.
    speaker
        Speaker of the segment and of the words made here.
    channel
        As in the record.

    Returns
    -------
    Segment
        Its text is that of its words.
    """
    pieces = _words_of(text) if words is None else list(words)
    made: list[Word] = []
    step = 0.4 if end is None else (end - start) / max(len(pieces), 1)
    for index, piece in enumerate(pieces):
        if isinstance(piece, Word):
            made.append(piece)
        else:
            made.append(make_word(piece, start=start + index * step, end=start + (index + 1) * step, speaker=speaker))
    return Segment(
        start=made[0].start if made else start,
        end=made[-1].end if made else (start + 0.4 if end is None else end),
        text="".join(word.text for word in made) if made else text,
        language=language,
        words=tuple(made),
        speaker=speaker,
        channel=channel,
    )


def _words_of(text: str) -> list[str]:
    first, *rest = text.split(" ")
    return [first, *(f" {word}" for word in rest)]


def make_transcript(
    *segments: Segment, duration: Seconds | None = None, audit: Audit | None = None, warnings: Sequence[str] = ()
) -> Transcript:
    """Make a transcript of segments: text, languages and duration follow from them; no segments, an empty one."""
    spans = _spans(segments)
    totals: dict[str, Seconds] = {}
    for span in spans:
        totals[span.language] = totals.get(span.language, 0.0) + span.end - span.start
    return Transcript(
        text=join_segments(segments),
        language=max(totals, key=lambda code: totals[code]) if totals else None,
        language_probability=0.9 if totals else 0.0,
        languages=spans,
        segments=segments,
        duration=max((segment.end for segment in segments), default=0.0) if duration is None else duration,
        audit=Audit() if audit is None else audit,
        receipt=make_receipt(),
        warnings=tuple(warnings),
    )


def make_receipt() -> Receipt:
    """Make a receipt of a model that does not exist."""
    return Receipt(model="fake", model_sha256="0" * 64, engine="fake", device="cpu", compute="float32")


def _spans(segments: Sequence[Segment]) -> tuple[LanguageSpan, ...]:
    spans: list[LanguageSpan] = []
    for segment in segments:
        same = bool(spans) and spans[-1].language == segment.language
        start = spans.pop().start if same else segment.start
        spans.append(LanguageSpan(start=start, end=segment.end, language=segment.language, probability=0.9))
    return tuple(spans)


def random_transcript(seed: int, *, segments: int = 20, speakers: int = 0) -> Transcript:
    """Make a transcript of real words in several languages; the same seed makes the same one.

    Times lie on whole milliseconds and never decrease. With ``speakers``, each segment has one of that many.
    """
    chance = random.Random(seed)
    clock = 0
    made: list[Segment] = []
    language = "en"
    for _ in range(segments):
        if chance.random() < 0.3:
            language = chance.choice(sorted(_SAMPLES))
        speaker = chr(ord("A") + chance.randrange(speakers)) if speakers else None
        clock += chance.choice((0, 120, 400, 1600, 5000))
        words: list[Word] = []
        for index in range(chance.randint(1, 25)):
            space = " " if index and language not in _SPACELESS else ""
            length = chance.randint(20, 900)
            words.append(
                make_word(
                    space + chance.choice(_SAMPLES[language].split()),
                    start=clock / 1000,
                    end=(clock + length) / 1000,
                    probability=chance.randint(0, 100) / 100,
                    speaker=speaker,
                )
            )
            clock += length + chance.choice((0, 0, 0, 50, 350))
        made.append(make_segment(words=words, language=language, speaker=speaker))
    return make_transcript(*made, duration=(clock + 500) / 1000)
