"""Word and character error rate, with the counts and, on request, the alignment they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal, cast

import jiwer

from panglot.evaluation.normalisation import Unit, normalise, unit_of, units

EditKind = Literal["equal", "substitute", "delete", "insert"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A run of units that were right, exchanged, left out or added."""

    kind: EditKind
    reference: tuple[str, ...]
    hypothesis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """An error rate as its evidence: what was counted, in which unit."""

    hits: int
    substitutions: int
    deletions: int
    insertions: int
    unit: Unit
    alignment: tuple[Edit, ...] = ()
    """Empty unless asked for."""

    @property
    def reference(self) -> int:
        """Units in the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def errors(self) -> int:
        """Units exchanged, left out or added."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors per reference unit; above 1 where much was added, infinite where nothing should be there but is."""
        if self.reference:
            return self.errors / self.reference
        return inf if self.insertions else 0.0


def error_rate(reference: str, hypothesis: str, *, language: str | None, alignment: bool = False) -> ErrorRate:
    """Compare a transcript with its reference, in the unit that suits the language.

    Parameters
    ----------
    reference
        What was said.
    hypothesis
        What the recogniser wrote.
    language
        ISO 639-1 code: decides the text rules and the unit (see `panglot.evaluation.normalisation`). ``None`` for texts
        in several languages.
    alignment
        Whether to return the alignment as well.

    Returns
    -------
    ErrorRate
        Counts of words or characters, as its ``unit`` says.

    Notes
    -----
    Levenshtein distance with equal costs, by ``jiwer``. With ``language=None`` the unit is called ``word``, although
    scripts without spaces are counted in characters.
    """
    left, right = (units(text, language=language) for text in (reference, hypothesis))
    return _compare(left, right, unit=unit_of(language), alignment=alignment)


def character_error_rate(
    reference: str, hypothesis: str, *, language: str | None, alignment: bool = False
) -> ErrorRate:
    """Compare a transcript with its reference character by character (code points), for any language.

    Spaces count as characters in languages that are written with them, and are ignored in the others.
    """
    space = "" if unit_of(language) == "character" else " "
    texts = (normalise(text, language=language).replace(" ", space) for text in (reference, hypothesis))
    left, right = (tuple(text) for text in texts)
    return _compare(left, right, unit="character", alignment=alignment)


def piecewise(references: Sequence[tuple[str, str]], hypothesis: str, *, language: str | None) -> tuple[ErrorRate, ...]:
    """Errors of one long transcript, told apart by the pieces its reference is made of.

    The whole transcript is aligned once with all pieces in their order; each error belongs to the piece its reference
    unit is from, and an added unit to the piece of the reference unit before it (the first piece at the very start).

    Parameters
    ----------
    references
        Text of each piece in time order, with its language (used to name the unit only).
    hypothesis
        The transcript of the whole recording.
    language
        Rules for all texts: a code where all pieces share it, otherwise ``None``.

    Returns
    -------
    tuple of ErrorRate
        One per piece. Summed with `pooled` they are the error rate of the whole.
    """
    pieces = [units(text, language=language) for text, _ in references]
    owner = [number for number, piece in enumerate(pieces) for _ in piece]
    counts = [dict.fromkeys(("equal", "substitute", "delete", "insert"), 0) for _ in pieces]
    position = 0
    whole = tuple(unit for piece in pieces for unit in piece)
    for edit in _compare(whole, units(hypothesis, language=language), unit="word", alignment=True).alignment:
        if edit.kind == "insert" and counts:
            counts[owner[max(position - 1, 0)] if owner else 0]["insert"] += len(edit.hypothesis)
        for _ in edit.reference:
            counts[owner[position]][edit.kind] += 1
            position += 1
    return tuple(
        ErrorRate(
            hits=count["equal"],
            substitutions=count["substitute"],
            deletions=count["delete"],
            insertions=count["insert"],
            unit=unit_of(code),
        )
        for count, (_, code) in zip(counts, references, strict=True)
    )


def pooled(rates: Iterable[ErrorRate]) -> ErrorRate:
    """Error rate of several utterances together: the counts added up, no alignment.

    The unit is ``word`` where words and characters are mixed.
    """
    everything = tuple(rates)
    characters = bool(everything) and all(rate.unit == "character" for rate in everything)
    return ErrorRate(
        hits=sum(rate.hits for rate in everything),
        substitutions=sum(rate.substitutions for rate in everything),
        deletions=sum(rate.deletions for rate in everything),
        insertions=sum(rate.insertions for rate in everything),
        unit="character" if characters else "word",
    )


def _compare(left: tuple[str, ...], right: tuple[str, ...], *, unit: Unit, alignment: bool) -> ErrorRate:
    result = jiwer.process_words(_joined(left), _joined(right), _SPLIT, _SPLIT)
    edits = (
        Edit(
            kind=cast("EditKind", chunk.type),
            reference=left[chunk.ref_start_idx : chunk.ref_end_idx],
            hypothesis=right[chunk.hyp_start_idx : chunk.hyp_end_idx],
        )
        for chunk in result.alignments[0]
    )
    return ErrorRate(
        hits=result.hits,
        substitutions=result.substitutions,
        deletions=result.deletions,
        insertions=result.insertions,
        unit=unit,
        alignment=tuple(edits) if alignment else (),
    )


def _joined(parts: tuple[str, ...]) -> str:
    return _SEPARATOR.join(parts)


# A unit may itself be a space (character error rate), so units are joined and split at a control character.
_SEPARATOR = "\x1f"
_SPLIT = jiwer.Compose([jiwer.ReduceToListOfListOfWords(word_delimiter=_SEPARATOR)])
