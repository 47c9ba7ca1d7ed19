"""What every command is given: where weights and voiceprints are kept, and the way to a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import typer

if TYPE_CHECKING:
    from panglot.diarization.protocol import Diarizer
    from panglot.diarization.voiceprints import Voiceprints
    from panglot.models import Progress, Store
    from panglot.pipeline.model import Model


class Loader(Protocol):
    """What `panglot.load` is to the commands."""

    def __call__(
        self,
        model: str,
        *,
        device: str,
        compute: str,
        threads: int | None,
        store: Store,
        progress: Progress | None,
    ) -> Model:
        """Load a model by name or folder."""
        ...


class DiarizerLoader(Protocol):
    """What `panglot.load_diarizer` is to the commands."""

    def __call__(self, *, threads: int | None, store: Store, progress: Progress | None) -> Diarizer:
        """Load what tells speakers apart; None stands for all processors."""
        ...


def _load(
    model: str, *, device: str, compute: str, threads: int | None, store: Store, progress: Progress | None
) -> Model:
    import panglot

    return panglot.load(model, device=device, compute=compute, threads=threads, store=store, progress=progress)


def _load_diarizer(*, threads: int | None, store: Store, progress: Progress | None) -> Diarizer:
    import panglot
    from panglot.engines.compute import choose_compute

    chosen = choose_compute(device="cpu", threads=threads)
    return panglot.load_diarizer(threads=chosen.threads, store=store, progress=progress)


def _open_store(root: Path | None) -> Store:
    from panglot.models import Store

    return Store(root)


@dataclass(slots=True, kw_only=True)
class Session:
    """One run of the command; a program that embeds the commands may give its own loader and store."""

    home: Path | None = None
    """Folder for everything that is kept between runs; None means the user's cache and data folders."""
    traceback: bool = False
    load: Loader = _load
    load_diarizer: DiarizerLoader = _load_diarizer
    open_store: Callable[[Path | None], Store] = _open_store

    @property
    def store(self) -> Store:
        """The weights, in ``home/models``."""
        return self.open_store(self.home.expanduser() / "models" if self.home else None)

    @property
    def voices(self) -> Voiceprints:
        """The enrolled voices, in ``home/voices``."""
        from platformdirs import user_data_path

        from panglot.diarization.voiceprints import Voiceprints

        return Voiceprints((self.home.expanduser() if self.home else user_data_path("panglot")) / "voices")


def session_of(context: typer.Context) -> Session:
    """Return the session that a command runs in."""
    return cast("Session", context.obj)
