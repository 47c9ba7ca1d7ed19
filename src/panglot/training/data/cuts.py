"""Lhotse's records and ours: the only place, with `shards` and `batches`, that knows Lhotse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from panglot.corpora import Corpus, Rejected, Sample
from panglot.errors import CorpusError
from panglot.units import SAMPLE_RATE, to_samples


def cuts_of(corpus: Corpus) -> Any:
    """Lhotse ``CutSet`` of a corpus, for tools that take one.

    Parameters
    ----------
    corpus
        Samples; their recordings are not opened.

    Returns
    -------
    Any
        One ``MonoCut`` with one supervision per sample.
    """
    from lhotse import CutSet  # pyright: ignore[reportMissingTypeStubs]

    make: Any = CutSet.from_cuts
    return make(cut_of(sample, path=sample.audio) for sample in corpus.samples)


def cut_of(sample: Sample, *, path: Path | None) -> Any:
    """Lhotse ``MonoCut`` of a sample.

    Parameters
    ----------
    sample
        What is said, and when.
    path
        Its recording; ``None`` for one whose audio is in the tar file of a shard.

    Returns
    -------
    Any
        The cut, with what Lhotse has no field for under ``custom``.
    """
    from lhotse import MonoCut, Recording, SupervisionSegment  # pyright: ignore[reportMissingTypeStubs]
    from lhotse.audio import AudioSource  # pyright: ignore[reportMissingTypeStubs]

    start = 0.0 if path is None else sample.start
    end = start + sample.duration
    source: Any = AudioSource(
        type="shar" if path is None else "file", channels=[0], source="" if path is None else str(path)
    )
    recording: Any = Recording(
        id=sample.id, sources=[source], sampling_rate=SAMPLE_RATE, num_samples=to_samples(end), duration=end
    )
    supervision: Any = SupervisionSegment(
        id=sample.id,
        recording_id=sample.id,
        start=0.0,
        duration=sample.duration,
        text=sample.text,
        language=sample.language,
        speaker=sample.speaker,
        custom={"previous_text": sample.previous_text} if sample.previous_text else None,
    )
    cut: Any = MonoCut(
        id=sample.id, start=start, duration=sample.duration, channel=0, recording=recording, supervisions=[supervision]
    )
    return cut


def corpus_of_cuts(path: Path) -> Corpus:
    """Read a manifest of Lhotse cuts, ``.jsonl`` or ``.jsonl.gz``.

    Parameters
    ----------
    path
        As ``CutSet.to_file`` writes it.

    Returns
    -------
    Corpus
        A sample for each cut of one recording in a file; others are rejected.

    Raises
    ------
    CorpusError
        If it holds no such cut.
    """
    from lhotse import CutSet  # pyright: ignore[reportMissingTypeStubs]

    load: Any = CutSet.from_file
    samples: list[Sample] = []
    rejected: list[Rejected] = []
    try:
        for number, cut in enumerate(load(path), 1):
            item = _sample_of(cut, where=f"{path.name}:{number}")
            (samples if isinstance(item, Sample) else rejected).append(item)  # pyright: ignore[reportArgumentType]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise CorpusError(f"'{path}' is no manifest of Lhotse cuts: {error}. Write one with CutSet.to_file.") from error
    if not samples:
        reason = rejected[0].reason if rejected else "it is empty"
        raise CorpusError(f"no cut in '{path}' can be used: {reason}. Each needs a recording in a file, and a text.")
    return Corpus(samples=tuple(samples), rejected=tuple(rejected), source=path)


def _sample_of(cut: Any, *, where: str) -> Sample | Rejected:
    recording: Any = getattr(cut, "recording", None)
    if recording is None or [source.type for source in recording.sources] != ["file"]:
        return Rejected(where=where, reason="it is not a cut of one recording in a file")
    row: dict[str, Any] = cut.to_dict()
    return sample_of_row(row, audio=Path(recording.sources[0].source))


def sample_of_row(row: dict[str, Any], *, audio: Path) -> Sample | Rejected:
    """Sample of a cut as Lhotse writes it in JSON."""
    supervisions: list[dict[str, Any]] = row.get("supervisions") or []
    text = " ".join(str(supervision["text"]) for supervision in supervisions if supervision.get("text"))
    if not text:
        return Rejected(where=str(row["id"]), reason="no text")
    first = supervisions[0]
    custom: dict[str, Any] = first.get("custom") or {}
    return Sample(
        id=row["id"],
        audio=audio,
        start=row["start"],
        duration=row["duration"],
        text=text,
        language=first.get("language"),
        speaker=first.get("speaker"),
        previous_text=custom.get("previous_text"),
    )
