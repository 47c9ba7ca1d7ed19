"""Words of a segment, also where recognition gave none, and cutting a segment between words."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from panglot.transcripts.records import Segment, Transcript, Word
from panglot.transcripts.text import is_spaced, join_segments, separator


def timed_words(segment: Segment) -> tuple[Word, ...]:
    """Words of a segment; where it has none, its text cut into words that share its time by their length.

    The words' texts joined are the segment's text.
    """
    if segment.words or not segment.text.strip():
        return segment.words
    pieces = _spaced_pieces(segment.text) if is_spaced(segment.language) else _spaceless_pieces(segment.text)
    shares = [0, *accumulate(len(piece) for piece in pieces)]
    length = segment.end - segment.start
    times = [segment.start + length * share / shares[-1] for share in shares]
    probability = math.exp(min(segment.log_probability, 0.0))
    return tuple(
        Word(start=start, end=end, text=piece, probability=probability, speaker=segment.speaker)
        for piece, (start, end) in zip(pieces, pairwise(times), strict=True)
    )


def _spaced_pieces(text: str) -> list[str]:
    return re.findall(r"\s*\S+(?:\s+$)?", text)


def _spaceless_pieces(text: str) -> list[str]:
    """One piece per character with its combining marks; Latin words and numbers stay whole."""
    pieces: list[str] = []
    for char in text:
        if pieces and _continues(pieces[-1], char):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _continues(piece: str, char: str) -> bool:
    if piece.isspace() or unicodedata.category(char).startswith("M"):
        return True
    return char.isascii() and char.isalnum() and piece[-1].isascii() and piece[-1].isalnum()


def cut_segment(segment: Segment, cut: Callable[[Word, Word], bool]) -> tuple[Segment, ...]:
    """Cut a segment wherever ``cut(word, next_word)`` says so.

    Parts have no space at either end, and no words where the segment had none. Parts without text are left out.
    """
    groups: list[list[Word]] = []
    for word in timed_words(segment):
        if groups and not cut(groups[-1][-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(part for group in groups if (part := _part(segment, group)) is not None)


def trim_words(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words without space at the outer ends; words of nothing but space at the ends are left out."""
    spoken = [index for index, word in enumerate(words) if word.text.strip()]
    if not spoken:
        return ()
    kept = list(words[spoken[0] : spoken[-1] + 1])
    kept[0] = replace(kept[0], text=kept[0].text.lstrip())
    kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return tuple(kept)


def merge_segments(parts: Sequence[Segment]) -> Segment:
    """Join segments of one voice and language to one, with the worst of their numbers about the recognition.

    Words joined are exactly its text; it has no words where one of the parts has none.
    """
    if len(parts) == 1:
        return parts[0]
    words = [*parts[0].words]
    for before, part in pairwise(parts):
        if part.words:
            words += (replace(part.words[0], text=separator(before, part) + part.words[0].text), *part.words[1:])
    return replace(
        parts[0],
        end=max(part.end for part in parts),
        text=join_segments(parts),
        words=tuple(words) if all(part.words for part in parts) else (),
        log_probability=min(part.log_probability for part in parts),
        no_speech_probability=max(part.no_speech_probability for part in parts),
        compression_ratio=max(part.compression_ratio for part in parts),
        temperature=max(part.temperature for part in parts),
    )


def _part(segment: Segment, group: Sequence[Word]) -> Segment | None:
    words = trim_words(group)
    if not words:
        return None
    return replace(
        segment,
        start=words[0].start,
        end=words[-1].end,
        text="".join(word.text for word in words),
        words=words if segment.words else (),
        speaker=words[0].speaker or segment.speaker,
    )


def speaker_turns(transcript: Transcript) -> Iterator[Segment]:
    """Segments that have text, cut where their words change speaker."""
    for segment in transcript.segments:
        yield from turns_of(segment)


def turns_of(segment: Segment) -> tuple[Segment, ...]:
    """Cut a segment where its words change speaker; nothing where it has no text."""
    return cut_segment(segment, lambda word, after: word.speaker != after.speaker)
