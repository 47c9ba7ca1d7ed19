"""How well speakers were told apart: error over time, number of speakers, sameness of two answers, words by speaker.

Turns are anything with ``start``, ``end`` and ``speaker``; speakers are compared by a best one-to-one mapping, so their
names mean nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import inf
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from panglot.errors import OptionError
from panglot.evaluation.words import ErrorRate, error_rate, pooled
from panglot.units import Seconds

Region = tuple[Seconds, Seconds]
"""Start and end of what is judged."""


class SpeakerTurn(Protocol):
    """A stretch in which one speaker speaks; turns of several speakers may overlap."""

    @property
    def start(self) -> Seconds:
        """Where it begins."""
        ...

    @property
    def end(self) -> Seconds:
        """Where it ends."""
        ...

    @property
    def speaker(self) -> Hashable:
        """Who speaks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DiarizationError:
    """A diarization error rate as its evidence, in seconds of speaker time: two speakers at once count twice."""

    missed: Seconds
    """Spoken, but given to nobody."""
    false_alarm: Seconds
    """Given to somebody, but not spoken."""
    confusion: Seconds
    """Given to the wrong speaker."""
    total: Seconds
    """All speaker time of the reference."""
    collar: Seconds
    overlap: bool
    """Whether stretches with several speakers were judged."""
    mapping: tuple[tuple[Hashable, Hashable], ...] = ()
    """Pairs of a speaker of the reference and the one found for it; speakers without a partner are left out."""

    @property
    def errors(self) -> Seconds:
        """Missed, false alarm and confusion together."""
        return self.missed + self.false_alarm + self.confusion

    @property
    def rate(self) -> float:
        """Errors per second of speaker time; infinite where nobody speaks but somebody was found."""
        if self.total:
            return self.errors / self.total
        return inf if self.errors else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerCount:
    """How many speakers there are, and how many were found."""

    expected: int
    found: int

    @property
    def error(self) -> int:
        """Above 0 where too many were found."""
        return self.found - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Speaker time of two diarizations of one recording, by what they share."""

    same: Seconds
    """With the same speaker in both, under the mapping that makes this largest."""
    shared: Seconds
    """With a speaker in both, the same or not."""
    speech: Seconds
    """With a speaker in either."""

    @property
    def rate(self) -> float:
        """Share of all speech with the same speaker in both; 1 where there is no speech."""
        return self.same / self.speech if self.speech else 1.0

    @property
    def label_rate(self) -> float:
        """The same, leaving out where only one of them hears speech: the labels alone."""
        return self.same / self.shared if self.shared else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerWordErrors:
    """Word errors where a word under the wrong speaker is wrong."""

    errors: ErrorRate
    """Over all speakers."""
    assignment: tuple[tuple[str | None, str | None], ...]
    """Pairs of a speaker of the reference and the one found for it; ``None`` where one side has nobody left."""


def diarization_error(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    *,
    collar: Seconds = 0.0,
    overlap: bool = True,
    region: Region | None = None,
) -> DiarizationError:
    """Compare who was found to speak when with who did.

    Parameters
    ----------
    reference
        The true turns. Overlapping turns of one speaker count once.
    hypothesis
        The turns found.
    collar
        Seconds on *each side* of every boundary of the reference that are not judged, as NIST's scoring counts it:
        0.25 here is ``collar=0.5`` in ``pyannote.metrics``.
    overlap
        Whether to judge stretches in which several speakers of the reference speak.
    region
        What of the recording is judged; everything from the first turn of either to the last if not given.

    Returns
    -------
    DiarizationError
        The parts in seconds, and which speakers belong together.

    Raises
    ------
    OptionError
        If the collar is negative or the region is empty.

    Notes
    -----
    By ``pyannote.metrics`` (Bredin 2017): the mapping of speakers is the exact best one.
    """
    if collar < 0:
        raise OptionError(f"a collar of {collar} s cannot be used; give 0 or more seconds")
    if region is not None and region[1] <= region[0]:
        raise OptionError(f"nothing lies between {region[0]} s and {region[1]} s; give a start before the end")
    if region is None:
        region = _extent([*reference, *hypothesis])
    core = _pyannote("core")
    truth, true_names = _annotation(reference)
    found, found_names = _annotation(hypothesis)
    metric = _pyannote("metrics.diarization").DiarizationErrorRate(collar=2 * collar, skip_overlap=not overlap)
    judged = core.Timeline([core.Segment(*region)])
    parts = metric.compute_components(truth, found, uem=judged)
    pairs = metric.optimal_mapping(
        *metric.uemify(truth, found, uem=judged, collar=2 * collar, skip_overlap=not overlap)
    )
    return DiarizationError(
        missed=float(parts["missed detection"]),
        false_alarm=float(parts["false alarm"]),
        confusion=float(parts["confusion"]),
        total=float(parts["total"]),
        collar=collar,
        overlap=overlap,
        mapping=tuple(sorted(((true_names[right], found_names[left]) for left, right in pairs.items()), key=str)),
    )


def pooled_diarization(errors: Iterable[DiarizationError]) -> DiarizationError:
    """Error of several recordings together: the seconds added up, no mapping.

    Parameters
    ----------
    errors
        At least one; all judged in the same way.

    Returns
    -------
    DiarizationError
        With the way of judging that they share.

    Raises
    ------
    OptionError
        If there is none, or they were judged in different ways.
    """
    everything = tuple(errors)
    ways = {(error.collar, error.overlap) for error in everything}
    if len(ways) != 1:
        raise OptionError(
            f"{len(everything)} recordings judged in {len(ways)} ways cannot be added up; "
            "give at least one, all with the same collar and the same choice about overlap"
        )
    collar, overlap = ways.pop()
    return DiarizationError(
        missed=sum(error.missed for error in everything),
        false_alarm=sum(error.false_alarm for error in everything),
        confusion=sum(error.confusion for error in everything),
        total=sum(error.total for error in everything),
        collar=collar,
        overlap=overlap,
    )


def speaker_count(reference: Iterable[SpeakerTurn], hypothesis: Iterable[SpeakerTurn]) -> SpeakerCount:
    """Count the speakers on both sides."""
    return SpeakerCount(
        expected=len({turn.speaker for turn in reference}), found=len({turn.speaker for turn in hypothesis})
    )


def label_agreement(first: Sequence[SpeakerTurn], second: Sequence[SpeakerTurn]) -> Agreement:
    """Compare two diarizations of the same audio; neither is the truth.

    Parameters
    ----------
    first
        Turns of one.
    second
        Turns of the other, on the same time line.

    Returns
    -------
    Agreement
        Symmetric: exchanging the two changes nothing. Where two speakers speak at once, time counts twice.
    """
    edges = np.unique([time for turn in (*first, *second) for time in (turn.start, turn.end)])
    lengths = np.diff(edges)
    one, other = _activity(first, edges), _activity(second, edges)
    together = (one * lengths) @ other.T
    speakers, others = one.sum(axis=0), other.sum(axis=0)
    return Agreement(
        same=float(together[_best(-together)].sum()),
        shared=float((np.minimum(speakers, others) * lengths).sum()),
        speech=float((np.maximum(speakers, others) * lengths).sum()),
    )


def speaker_word_errors(
    reference: Mapping[str, str], hypothesis: Mapping[str, str], *, language: str | None
) -> SpeakerWordErrors:
    """Concatenated minimum-permutation word error rate (cpWER).

    Every speaker's words are joined in time order; the speakers of both sides are paired so that the errors are fewest;
    a speaker left without a partner counts with all words.

    Parameters
    ----------
    reference
        What each speaker said.
    hypothesis
        What was written under each speaker found; their number may differ.
    language
        Rules for all texts, as for `panglot.evaluation.words.error_rate`.

    Returns
    -------
    SpeakerWordErrors
        Its ``errors.rate`` is the cpWER.

    Notes
    -----
    Source: Watanabe et al. 2020, "CHiME-6 Challenge". The pairing is the exact best one: the errors of every pair are
    counted, and the assignment of least errors is solved for, as ``meeteval`` (von Neumann et al. 2023) does.
    """
    size = max(len(reference), len(hypothesis))
    rows = [*reference.items(), *[(None, "")] * (size - len(reference))]
    columns = [*hypothesis.items(), *[(None, "")] * (size - len(hypothesis))]
    rates = [[error_rate(said, written, language=language) for _, written in columns] for _, said in rows]
    costs = np.array([[rate.errors for rate in row] for row in rates], np.float64).reshape(size, size)
    pairs = [(int(row), int(column)) for row, column in zip(*_best(costs), strict=True)]
    return SpeakerWordErrors(
        errors=pooled(rates[row][column] for row, column in pairs),
        assignment=tuple((rows[row][0], columns[column][0]) for row, column in pairs),
    )


def _extent(turns: Sequence[SpeakerTurn]) -> Region:
    return min((turn.start for turn in turns), default=0.0), max((turn.end for turn in turns), default=0.0)


def _annotation(turns: Sequence[SpeakerTurn]) -> tuple[Any, dict[str, Hashable]]:
    """Turns as pyannote takes them, those of one speaker merged, and the speaker behind each of its labels."""
    core = _pyannote("core")
    labels = {speaker: str(number) for number, speaker in enumerate(dict.fromkeys(turn.speaker for turn in turns))}
    annotation = core.Annotation()
    for number, turn in enumerate(turns):
        annotation[core.Segment(turn.start, turn.end), number] = labels[turn.speaker]
    return annotation.support(), {label: speaker for speaker, label in labels.items()}


def _activity(turns: Sequence[SpeakerTurn], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Who speaks between which edges: 0 or 1, shape ``(speakers, edges - 1)``."""
    rows = {speaker: row for row, speaker in enumerate(dict.fromkeys(turn.speaker for turn in turns))}
    active = np.zeros((len(rows), max(len(edges) - 1, 0)))
    for turn in turns:
        active[rows[turn.speaker], np.searchsorted(edges, turn.start) : np.searchsorted(edges, turn.end)] = 1
    return active


def _best(costs: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pairs of row and column with the least sum of costs, each used once."""
    solver: Any = import_module("scipy.optimize")
    return solver.linear_sum_assignment(costs)


def _pyannote(module: str) -> Any:
    """Part of pyannote, without its types, which are incomplete; loaded when needed, as its import takes seconds."""
    return import_module(f"pyannote.{module}")
