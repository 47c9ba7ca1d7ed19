"""What workers say about themselves with every sign of life, read for those who look after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from panglot.storage.records import WorkerRow
from panglot.units import Seconds

NO_MODEL = "none"
"""Stands for the model of a worker that has loaded none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of one worker since it started."""

    worker: str
    model: str
    device: str
    running: tuple[str, ...]
    """Ids of the jobs in hand."""
    progressed: datetime | None
    """When that one of them last got further that has not for longest."""
    audio: Seconds
    """Audio recognised."""
    busy: Seconds
    """Time that it took."""
    windows: int
    """Windows recognised."""
    places: int
    """Places that their batches had."""
    finished: Mapping[str, int]
    """Jobs by outcome."""
    failures: Mapping[str, int]
    """Failed jobs by the error's code."""

    @classmethod
    def of(cls, row: WorkerRow) -> Self:
        """Read a worker's row; a figure that it does not report counts as nothing.

        Parameters
        ----------
        row
            As the worker wrote it: ``info`` has ``loaded`` (``model``, ``device``), ``running``, ``progressed``,
            ``audio_seconds``, ``busy_seconds``, ``windows``, ``places``, ``jobs`` and ``failures``.

        Returns
        -------
        Figures
            The same, typed.
        """
        info: Mapping[str, Any] = row.info
        loaded: Mapping[str, str] = info.get("loaded") or {}
        progressed = info.get("progressed")
        return cls(
            worker=row.id,
            model=loaded.get("model", NO_MODEL),
            device=loaded.get("device", NO_MODEL),
            running=tuple(info.get("running", ())),
            progressed=None if progressed is None else datetime.fromisoformat(progressed),
            audio=info.get("audio_seconds", 0.0),
            busy=info.get("busy_seconds", 0.0),
            windows=info.get("windows", 0),
            places=info.get("places", 0),
            finished=info.get("jobs", {}),
            failures=info.get("failures", {}),
        )

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for each second of audio; None before there was any."""
        return self.busy / self.audio if self.audio else None

    @property
    def batch_fill(self) -> float | None:
        """Share of the batches' places that was used; None before there were any."""
        return self.windows / self.places if self.places else None

    def stalled(self, now: datetime) -> Seconds:
        """Return for how many seconds one of the jobs in hand has got no further; 0 where there are none."""
        if not self.running or self.progressed is None:
            return 0.0
        return max(0.0, (now - self.progressed).total_seconds())
