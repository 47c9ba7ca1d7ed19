"""Tags of sounds, such as ``[MUSIC]``, that some models write between the words."""

from __future__ import annotations

import re

from panglot.service.text.editing import Edit, edit_words, rewrite, with_words
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.words import timed_words

_SOUND = (
    "applause|beep(?:ing|s)?|cheer(?:ing|s)|clapping|cough(?:ing|s)?|cries|crying|foreign(?: language)?|gasps?|groans?"
    "|inaudible|laugh(?:ing|s|ter)?|music(?: playing)?|noise|sighs?|silence|singing|sneezes?|static|whistl(?:es|ing)"
)

# Brackets hold a tag whatever it says; round ones may also hold what somebody said.
_TAG = re.compile(rf"[\[【][^\W\d](?:[\w '’-]{{0,48}}\w)?[\]】]|\((?:{_SOUND})\)|[♪♫♬♩]+", re.IGNORECASE)


def remove_tags(transcript: Transcript) -> Transcript:
    """Leave out the tags of sounds, and notes that mark a song; words that are sung stay."""
    return rewrite(transcript, _without)


def _without(segment: Segment) -> Segment | None:
    words = timed_words(segment)
    found = _TAG.finditer("".join(word.text for word in words))
    edits = [Edit(start=each.start(), end=each.end(), text="") for each in found]
    return with_words(segment, edit_words(words, edits)) if edits else segment
