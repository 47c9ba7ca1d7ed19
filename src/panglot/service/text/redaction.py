"""Redaction: personal data of a fixed form are taken out of the text, and the times at which they are heard are told.

Only structured data are recognised: numbers with a known length, check digit or shape, addresses, and numbers that
follow a word that says what they are. Names, places and illnesses are not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from panglot.errors import RequestError
from panglot.service.requests import Redaction
from panglot.service.text.beep import CoveredSpan
from panglot.service.text.editing import Edit, edit_words, with_segments, with_words
from panglot.service.text.policies import addresses, banking, cards, dates, documents, phones, sequences
from panglot.service.text.policies.names import KNOWN, SUPPORTED
from panglot.service.text.policies.passage import Found, Passage
from panglot.transcripts.records import Receipt, Segment, Transcript, Word
from panglot.transcripts.text import is_spaced
from panglot.transcripts.words import timed_words
from panglot.units import Seconds

__all__ = ["KNOWN", "SUPPORTED", "check_policies", "find", "redact", "redact_text"]

_MARGIN: Seconds = 0.15
"""Covered before and after the words, whose times are good to about a tenth of a second."""

_PAUSE: Seconds = 15.0
"""Segments further apart are not read as one text."""

_FINDERS: dict[str, Callable[[Passage], Iterator[Found]]] = {
    "account_number": banking.find_accounts,
    "banking_information": banking.find_banking,
    "credit_card_cvv": cards.find_codes,
    "credit_card_expiration": cards.find_expirations,
    "credit_card_number": cards.find_numbers,
    "date_of_birth": dates.find_birthdays,
    "drivers_license": documents.find_licenses,
    "email_address": addresses.find_emails,
    "ip_address": addresses.find_ips,
    "number_sequence": sequences.find_sequences,
    "passport_number": documents.find_passports,
    "phone_number": phones.find_phones,
    "url": addresses.find_urls,
    "us_social_security_number": documents.find_social_security,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A segment in the text of a passage."""

    index: int
    """Of the segment in the transcript."""
    words: tuple[Word, ...]
    start: int
    """Of its first character in the passage."""
    bounds: tuple[int, ...]
    """Where its words start in its own text, and where the last one ends."""


def check_policies(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of policies, each once.

    Parameters
    ----------
    names
        As the client gave them.

    Returns
    -------
    tuple of str
        In their order.

    Raises
    ------
    RequestError
        If there is none, or one is unknown or not supported: what nobody would take out must not be promised.
    """
    policies = tuple(dict.fromkeys(names))
    allowed = f"Supported are {', '.join(SUPPORTED)}."
    if not policies:
        raise RequestError(f"redact_pii_policies is empty. Name at least one policy. {allowed}")
    unknown = ", ".join(name for name in policies if name not in KNOWN)
    if unknown:
        raise RequestError(f"redact_pii_policies has {unknown}, which is not a policy. {allowed}")
    unsupported = ", ".join(name for name in policies if name not in SUPPORTED)
    if unsupported:
        raise RequestError(f"The redaction policy {unsupported} is not available here. {allowed}")
    return policies


def redact(transcript: Transcript, redaction: Redaction) -> tuple[Transcript, tuple[CoveredSpan, ...]]:
    """Take personal data out of a transcript.

    Parameters
    ----------
    transcript
        Any.
    redaction
        What to take out, and what to put in its place: ``#`` for each character, or the name of the policy.

    Returns
    -------
    Transcript
        Also without the prompt in its receipt, which may say the same data. Turns, speakers and times stay.
    tuple of CoveredSpan
        When the data are heard, in order; those of one channel do not overlap.
    """
    edits: dict[int, list[Edit]] = {}
    spans: list[CoveredSpan] = []
    for passage, pieces in _passages(transcript.segments):
        for found in find(passage, redaction.policies):
            for piece, start, end in _parts(pieces, found):
                changes = _replacements(piece, start, end, found.policy, redaction)
                edits.setdefault(piece.index, []).extend(changes)
                spans.append(_heard(transcript.segments[piece.index], piece, start, end))
    segments = [
        with_words(segment, edit_words(timed_words(segment), edits[index])) if index in edits else segment
        for index, segment in enumerate(transcript.segments)
    ]
    plain = replace(
        transcript,
        warnings=tuple(redact_text(text, redaction) for text in transcript.warnings),
        receipt=_without_prompt(transcript.receipt),
    )
    return with_segments(plain, segments), _joined(spans)


def redact_text(text: str, redaction: Redaction, *, language: str = "en") -> str:
    """Take personal data out of a text without times."""
    made = text
    for found in sorted(find(Passage(text, language), redaction.policies), key=lambda each: each.start, reverse=True):
        instead = _instead(text[found.start : found.end], found.policy, redaction)
        made = made[: found.start] + instead + made[found.end :]
    return made


def find(passage: Passage, policies: Sequence[str]) -> list[Found]:
    """Find what some policies take out; characters that several claim go to the first of them in `SUPPORTED`."""
    claimed: list[Found] = []
    for policy in SUPPORTED:
        if policy in policies:
            for found in _FINDERS[policy](passage):
                for rest in _rest(passage.text, found, claimed):
                    insort(claimed, rest, key=lambda each: each.start)
    return claimed


def _rest(text: str, found: Found, claimed: Sequence[Found]) -> list[Found]:
    """Cut what is claimed already, in order, out of what was found; only rests with letters or digits count."""
    first = bisect_right(claimed, found.start, key=lambda each: each.end)
    last = bisect_left(claimed, found.end, key=lambda each: each.start)
    if first == last:
        return [found]
    starts = [found.start, *(each.end for each in claimed[first:last])]
    ends = [*(each.start for each in claimed[first:last]), found.end]
    tight = (
        _tight(text, replace(found, start=start, end=end))
        for start, end in zip(starts, ends, strict=True)
        if start < end
    )
    return [rest for rest in tight if rest.start < rest.end]


def _tight(text: str, found: Found) -> Found:
    """Leave out what is neither letter nor digit at the ends."""
    start, end = found.start, found.end
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return replace(found, start=start, end=end)


def _passages(segments: Sequence[Segment]) -> Iterator[tuple[Passage, list[_Piece]]]:
    """Texts of segments that follow each other in one voice: a number may be said over several of them."""
    runs: list[list[int]] = []
    latest: dict[int | None, list[int]] = {}
    for index, segment in enumerate(segments):
        run = latest.get(segment.channel)
        if run is not None and _goes_on(segments[run[-1]], segment):
            run.append(index)
        else:
            latest[segment.channel] = [index]
            runs.append(latest[segment.channel])
    for run in runs:
        yield _passage([(index, segments[index]) for index in run])


def _goes_on(before: Segment, after: Segment) -> bool:
    same = before.language == after.language and before.speaker == after.speaker
    return same and after.start - before.end < _PAUSE


def _passage(segments: Sequence[tuple[int, Segment]]) -> tuple[Passage, list[_Piece]]:
    language = segments[0][1].language
    texts: list[str] = []
    pieces: list[_Piece] = []
    start = 0
    for index, segment in segments:
        words = timed_words(segment)
        bounds = (0, *accumulate(len(word.text) for word in words))
        pieces.append(_Piece(index=index, words=words, start=start, bounds=bounds))
        texts.append("".join(word.text for word in words) + (" " if is_spaced(language) else ""))
        start += len(texts[-1])
    return Passage("".join(texts), language), pieces


def _parts(pieces: Sequence[_Piece], found: Found) -> Iterator[tuple[_Piece, int, int]]:
    """Where something that was found stands in the texts of its segments."""
    first = max(0, bisect_right(pieces, found.start, key=lambda each: each.start) - 1)
    last = bisect_left(pieces, found.end, key=lambda each: each.start)
    for piece in pieces[first:last]:
        start, end = max(found.start - piece.start, 0), min(found.end - piece.start, piece.bounds[-1])
        if start < end:
            yield piece, start, end


def _replacements(piece: _Piece, start: int, end: int, policy: str, redaction: Redaction) -> list[Edit]:
    text = "".join(word.text for word in piece.words)
    if redaction.substitution == "entity_name":
        # The space before a word stays with it.
        start += len(text[start:end]) - len(text[start:end].lstrip())
        return [Edit(start=start, end=end, text=_instead("", policy, redaction))] if start < end else []
    edits: list[Edit] = []
    for first, last in zip(piece.bounds, piece.bounds[1:], strict=False):
        own_start, own_end = max(start, first), min(end, last)
        if own_start < own_end:
            edits.append(Edit(start=own_start, end=own_end, text=_instead(text[own_start:own_end], policy, redaction)))
    return edits


def _instead(text: str, policy: str, redaction: Redaction) -> str:
    if redaction.substitution == "entity_name":
        return f"[{policy.upper()}]"
    return "".join(char if char.isspace() else "#" for char in text)


def _heard(segment: Segment, piece: _Piece, start: int, end: int) -> CoveredSpan:
    """When part of a segment is heard: all the segment where its words have no times of their own."""
    words = [
        word
        for word, first, last in zip(piece.words, piece.bounds, piece.bounds[1:], strict=False)
        if first < end and start < last
    ]
    if not segment.words:
        return CoveredSpan(start=segment.start, end=segment.end, channel=segment.channel)
    first = max(0.0, min(word.start for word in words) - _MARGIN)
    return CoveredSpan(start=first, end=max(word.end for word in words) + _MARGIN, channel=segment.channel)


def _joined(spans: Iterable[CoveredSpan]) -> tuple[CoveredSpan, ...]:
    joined: dict[int | None, list[CoveredSpan]] = {}
    for span in sorted(spans, key=lambda each: each.start):
        own = joined.setdefault(span.channel, [])
        if own and span.start <= own[-1].end:
            own[-1] = replace(own[-1], end=max(own[-1].end, span.end))
        else:
            own.append(span)
    return tuple(sorted((span for own in joined.values() for span in own), key=lambda each: (each.start, each.end)))


def _without_prompt(receipt: Receipt) -> Receipt:
    """Return the receipt without the hints that the user gave, since those may say what was taken out."""
    hints = ("prompt", "keyterms", "hotwords", "initial_prompt")
    return replace(receipt, options={name: value for name, value in receipt.options.items() if name not in hints})
