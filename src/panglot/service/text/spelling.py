"""Custom spelling: what the user wants written another way."""

from __future__ import annotations

import re
from collections.abc import Sequence

from panglot.service.requests import Spelling
from panglot.service.text.editing import Edit, edit_words, rewrite, with_words
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import is_spaced
from panglot.transcripts.words import timed_words


def respell(transcript: Transcript, spellings: Sequence[Spelling]) -> Transcript:
    """Write words another way.

    Parameters
    ----------
    transcript
        Any.
    spellings
        Sources are found in any case and as whole words, the longest first; where languages are written without spaces,
        anywhere. The first spelling that has a source wins.

    Returns
    -------
    Transcript
        Each source is one word with the target's text, over the time of all its words; punctuation around it stays.
    """
    targets: dict[str, str] = {}
    for spelling in spellings:
        for source in spelling.sources:
            targets.setdefault(_key(source), spelling.target)
    targets.pop("", None)
    if not targets:
        return transcript
    whole, anywhere = _pattern(targets, whole_words=True), _pattern(targets, whole_words=False)

    def respelled(segment: Segment) -> Segment | None:
        words = timed_words(segment)
        found = (whole if is_spaced(segment.language) else anywhere).finditer("".join(word.text for word in words))
        # A match may differ from its source by more than lower-casing: "ſ" counts as "s". Such stay as they are.
        edits = [
            Edit(start=each.start(), end=each.end(), text=targets[key])
            for each in found
            if (key := _key(each.group())) in targets
        ]
        return with_words(segment, edit_words(words, edits)) if edits else segment

    return rewrite(transcript, respelled)


def _key(source: str) -> str:
    return " ".join(source.lower().split())


def _pattern(sources: dict[str, str], *, whole_words: bool) -> re.Pattern[str]:
    longest_first = sorted(sources, key=len, reverse=True)
    either = "|".join(r"\s+".join(map(re.escape, source.split())) for source in longest_first)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)" if whole_words else either, re.IGNORECASE)
