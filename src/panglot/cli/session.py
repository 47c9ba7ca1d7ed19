"""What every command is given: where weights are kept, and the way to a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import typer

if TYPE_CHECKING:
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


def _load(
    model: str, *, device: str, compute: str, threads: int | None, store: Store, progress: Progress | None
) -> Model:
    import panglot

    return panglot.load(model, device=device, compute=compute, threads=threads, store=store, progress=progress)


def _open_store(root: Path | None) -> Store:
    from panglot.models import Store

    return Store(root)


@dataclass(slots=True, kw_only=True)
class Session:
    """One run of the command; a program that embeds the commands may give its own loader and store."""

    home: Path | None = None
    """Folder for everything that is kept between runs; None means the user's cache folder."""
    traceback: bool = False
    load: Loader = _load
    open_store: Callable[[Path | None], Store] = _open_store

    @property
    def store(self) -> Store:
        """The weights, in ``home/models``."""
        return self.open_store(self.home.expanduser() / "models" if self.home else None)


def session_of(context: typer.Context) -> Session:
    """Return the session that a command runs in."""
    return cast("Session", context.obj)
