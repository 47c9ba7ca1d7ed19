"""What was said, kept for those who search: small letters to look in, and the lines as they are to show."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from sqlalchemy import ColumnElement, Delete, Insert, Update, and_, delete, insert, or_, update

from panglot.storage.records import TextLine
from panglot.storage.tables import TEXTS

MOST_TERMS = 10
_MOST_MATCHES = 3

_X = TEXTS.c


def begin(id: str, name: str) -> Insert:
    """Let a recording be found by its name, in the transaction of whoever asks."""
    return insert(TEXTS).values(transcript_id=id, name=name.casefold(), folded="", lines=[])


def replace(id: str, lines: Sequence[TextLine]) -> Update:
    """Let a recording be found by what is said in it, in the transaction of whoever asks."""
    plain = [(each.start, each.end, " ".join(each.text.split())) for each in lines]
    folded = "\n".join(text.casefold() for _, _, text in plain)
    return update(TEXTS).where(_X.transcript_id == id).values(folded=folded, lines=[list(each) for each in plain])


def drop(id: str) -> Delete:
    """Forget what was said, in the transaction of whoever asks."""
    return delete(TEXTS).where(_X.transcript_id == id)


def terms_of(words: str) -> tuple[str, ...]:
    """Return what to look for: each word of a query once, in small letters."""
    return tuple(dict.fromkeys(words.casefold().split()))[:MOST_TERMS]


def holds(terms: Sequence[str]) -> ColumnElement[bool]:
    """Condition: each term is in the name or in what is said."""
    return and_(*(or_(_X.name.contains(t, autoescape=True), _X.folded.contains(t, autoescape=True)) for t in terms))


def matches(lines: Sequence[TextLine], terms: Sequence[str]) -> tuple[TextLine, ...]:
    """Return the lines that have most of the terms, the first few of them, in order of time."""
    counted = [(sum(term in line.text.casefold() for term in terms), line) for line in lines]
    best = sorted((each for each in counted if each[0]), key=lambda each: -each[0])[:_MOST_MATCHES]
    return tuple(sorted((line for _, line in best), key=attrgetter("start")))
