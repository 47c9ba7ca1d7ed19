"""Training data from recordings that nobody wrote down: a model does, and what it is sure of is kept.

Needs no PyTorch: it is transcription, and the audit of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from panglot.corpora import Sample
from panglot.transcripts.records import Audit, Finding, Segment, Transcript
from panglot.units import Seconds

LONGEST: Seconds = 30.0
_MARGIN: Seconds = 0.2
"""Audio kept before and after the words."""
_LONGEST_PAUSE: Seconds = 2.0
"""Segments further apart are not put in one sample."""
_DOUBTS = frozenset({"speech_without_text", "text_without_speech", "script_mismatch", "loop", "damaged"})
"""Findings that say the text may be wrong; a part that was only heard a second time is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What a transcript gave."""

    samples: tuple[Sample, ...]
    kept: Seconds
    """Seconds in the samples."""
    unsure: Seconds
    """Seconds left out because the words were not sure enough."""
    doubted: Seconds
    """Seconds left out because of a finding of the audit."""


def label(
    transcript: Transcript, recording: Path, *, min_confidence: float = 0.8, audit_clean: bool = False
) -> Labelled:
    """Cut a transcript into samples at the bounds of its segments.

    Parameters
    ----------
    transcript
        Of the recording, with words.
    recording
        What the samples point into.
    min_confidence
        Mean probability of its words that a segment needs.
    audit_clean
        Leave out segments that a finding of the audit overlaps.

    Returns
    -------
    Labelled
        Samples of at most 30 s, each of neighbouring segments in one language, and how much was left out. What comes
        before a sample in the recording is its previous text, if it was kept too.
    """
    kept: list[Segment] = []
    unsure = doubted = 0.0
    for segment in transcript.segments:
        length = segment.end - segment.start
        if audit_clean and _is_doubted(segment, transcript.audit):
            doubted += length
        elif not segment.text.strip() or confidence([segment]) < min_confidence or length > LONGEST:
            unsure += length
        else:
            kept.append(segment)
    left_out = [segment for segment in transcript.segments if segment not in kept]
    samples: list[Sample] = []
    previous: tuple[Seconds, str] | None = None
    for group in _groups(kept, left_out):
        start, end = _bounds(group, transcript)
        before = previous[1] if previous is not None and start - previous[0] <= LONGEST else None
        text = " ".join(segment.text.strip() for segment in group)
        samples.append(
            Sample(
                id=f"{recording.name}@{start:.3f}",
                audio=recording,
                start=round(start, 3),
                duration=round(end - start, 3),
                text=text,
                language=group[0].language,
                speaker=group[0].speaker,
                previous_text=before,
                confidence=round(confidence(group), 4),
            )
        )
        previous = (end, text)
    return Labelled(
        samples=tuple(samples), kept=sum(sample.duration for sample in samples), unsure=unsure, doubted=doubted
    )


def confidence(segments: Sequence[Segment]) -> float:
    """Mean probability of the words of segments; 0 where there are none."""
    words = [word for segment in segments for word in segment.words]
    return sum(word.probability for word in words) / len(words) if words else 0.0


def _is_doubted(segment: Segment, audit: Audit) -> bool:
    return any(_overlaps(finding, segment) for finding in audit.findings if finding.kind in _DOUBTS)


def _overlaps(finding: Finding, segment: Segment) -> bool:
    # What the decoder found wrong is about the whole recording.
    return finding.kind == "damaged" or (finding.start < segment.end and finding.end > segment.start)


def _groups(kept: list[Segment], left_out: list[Segment]) -> list[list[Segment]]:
    """Neighbours that fit in one sample: same language and speaker, nothing left out between them."""
    groups: list[list[Segment]] = []
    for segment in kept:
        last = groups[-1] if groups else None
        if (
            last is not None
            and (segment.language, segment.speaker, segment.channel)
            == (last[-1].language, last[-1].speaker, last[-1].channel)
            and segment.start - last[-1].end <= _LONGEST_PAUSE
            and segment.end - last[0].start + 2 * _MARGIN <= LONGEST
            and not any(last[-1].start < other.start < segment.start for other in left_out)
        ):
            last.append(segment)
        else:
            groups.append([segment])
    return groups


def _bounds(group: list[Segment], transcript: Transcript) -> tuple[Seconds, Seconds]:
    """Start and end with a little room that holds nobody else's words."""
    first, last = group[0], group[-1]
    before = max((other.end for other in transcript.segments if other.end <= first.start), default=0.0)
    after = min((other.start for other in transcript.segments if other.start >= last.end), default=transcript.duration)
    start, end = max(before, first.start - _MARGIN), min(after, last.end + _MARGIN)
    return start, max(last.end, min(end, start + LONGEST))
