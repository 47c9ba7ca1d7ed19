"""Loading what a command works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panglot.cli.progress import Bars
from panglot.cli.session import Session
from panglot.cli.work import interruptible

if TYPE_CHECKING:
    from panglot.diarization.protocol import Diarizer
    from panglot.pipeline.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which model, and where it runs."""

    model: str
    device: str
    compute: str
    threads: int | None


def load_model(session: Session, choice: Choice, *, bars: Bars) -> Model:
    """Load a model, showing a bar while its weights are brought here.

    Parameters
    ----------
    session
        Knows how models are loaded and where weights are kept.
    choice
        Which model, and where it runs.
    bars
        Where the bar is drawn.

    Returns
    -------
    Model
        Ready for use.

    Raises
    ------
    PanglotError
        If it cannot be loaded.
    """
    with bars.loading(choice.model) as progress:
        return interruptible(
            lambda: session.load(
                choice.model,
                device=choice.device,
                compute=choice.compute,
                threads=choice.threads,
                store=session.store,
                progress=progress,
            )
        )


def load_diarizer(session: Session, *, threads: int | None, bars: Bars) -> Diarizer:
    """Load what tells speakers apart, showing a bar while its weights are brought here.

    Parameters
    ----------
    session
        Knows how it is loaded and where weights are kept.
    threads
        Processor threads; None for all.
    bars
        Where the bar is drawn.

    Returns
    -------
    Diarizer
        Ready for use.

    Raises
    ------
    PanglotError
        If it cannot be loaded.
    """
    from panglot.models import DIARIZATION_MODEL

    with bars.loading(DIARIZATION_MODEL) as progress:
        return interruptible(lambda: session.load_diarizer(threads=threads, store=session.store, progress=progress))


def fetch_diarizer(session: Session, *, bars: Bars) -> None:
    """Bring the weights that tell speakers apart here, showing a bar; a model loads them when it needs them.

    Parameters
    ----------
    session
        Knows where weights are kept.
    bars
        Where the bar is drawn.

    Raises
    ------
    PanglotError
        If they cannot be had.
    """
    from panglot.models import DIARIZATION_MODEL

    with bars.loading(DIARIZATION_MODEL) as progress:
        interruptible(lambda: session.store.path(DIARIZATION_MODEL, progress=progress))
