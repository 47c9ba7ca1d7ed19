"""Evaluation with a model brought here first and a bar while it runs; shared by ``eval`` and ``models import``."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from panglot.cli.extras import require_evaluation
from panglot.cli.loading import Choice, fetch_diarizer, load_model
from panglot.cli.progress import Bars
from panglot.cli.session import Session
from panglot.cli.work import interruptible

if TYPE_CHECKING:
    from panglot.corpora import Corpus
    from panglot.engines import EngineInfo
    from panglot.evaluation.recognition import Evaluation
    from panglot.evaluation.transcribers import Transcriber


def corpus_of(data: Path, *, limit: int | None = None) -> Corpus:
    """Read what is to be written down.

    Parameters
    ----------
    data
        As for `panglot.corpora.read_corpus`; recordings may have any length.
    limit
        So many recordings of each language are enough, the first ones.

    Returns
    -------
    Corpus
        With at least one sample.

    Raises
    ------
    CorpusError
        If nothing in it can be used.
    OptionError
        If what evaluation needs is not installed.
    """
    require_evaluation()
    from panglot.corpora import read_corpus

    corpus = interruptible(lambda: read_corpus(data.expanduser(), longest=None))
    if limit is None:
        return corpus
    counts = Counter[str | None]()
    kept: list[bool] = []
    for sample in corpus.samples:
        counts[sample.language] += 1
        kept.append(counts[sample.language] <= limit)
    return replace(corpus, samples=tuple(sample for sample, keep in zip(corpus.samples, kept, strict=True) if keep))


def evaluate_model(
    session: Session, choice: Choice, corpus: Corpus, *, given: bool, bars: Bars, name: str | None = None
) -> tuple[Evaluation, EngineInfo]:
    """Load a model, evaluate it and give its memory back.

    Parameters
    ----------
    session
        Knows how models are loaded and where weights are kept.
    choice
        Which model, and where it runs.
    corpus
        What it writes down.
    given
        Whether it is told the language.
    bars
        Where bars are drawn.
    name
        What reports call it, if not as it was asked for.

    Returns
    -------
    Evaluation and EngineInfo
        What was measured, and what was loaded.

    Raises
    ------
    PanglotError
        If the model cannot be loaded, or fails.
    """
    from panglot.evaluation.transcribers import ModelTranscriber

    with closing(load_model(session, choice, bars=bars)) as model:
        if any(sample.rttm for sample in corpus.samples):
            fetch_diarizer(session, bars=bars)
        transcriber = ModelTranscriber(model, name=name or choice.model)
        return _evaluate(transcriber, corpus, given=given, bars=bars), model.info


def evaluate_peer(session: Session, info: EngineInfo, corpus: Corpus, *, given: bool, bars: Bars) -> Evaluation:
    """Evaluate faster-whisper with the weights, device, number type and threads of a model that was loaded before."""
    from panglot.evaluation.peers import FasterWhisper

    weights = session.store.whisper(info.model).folder
    with bars.loading("faster-whisper"):
        peer = interruptible(lambda: FasterWhisper(weights, info=info))
    with peer:
        return _evaluate(peer, corpus, given=given, bars=bars)


def _evaluate(transcriber: Transcriber, corpus: Corpus, *, given: bool, bars: Bars) -> Evaluation:
    from panglot.evaluation.recognition import evaluate
    from panglot.pipeline.transcription import Progress

    stop = Event()
    with bars.recording(transcriber.system.name, stop=stop) as progress:

        def tell(done: float, total: float) -> None:
            progress(Progress(seconds_done=done, seconds_total=total, language=None))

        try:
            return interruptible(lambda: evaluate(transcriber, corpus, given=given, listener=tell))
        finally:
            stop.set()
