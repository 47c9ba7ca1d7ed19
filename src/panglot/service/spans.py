"""Spans of work, for those who trace it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Span(Protocol):
    """Marks the beginning and the end of a piece of work."""

    def __call__(
        self, name: str, /, *, parent: str | None = None, **attributes: str | int
    ) -> AbstractContextManager[object]:
        """Return a context around the work.

        Parameters
        ----------
        name
            The same for work of the same kind.
        parent
            ``traceparent`` (W3C Trace Context) of what asked for the work, where that was traced.
        **attributes
            What tells this work from others.

        Returns
        -------
        context manager
            An error that leaves it makes the span one of work that failed.
        """
        ...


def untraced(_name: str, /, *, parent: str | None = None, **_attributes: str | int) -> AbstractContextManager[object]:
    """Tell nobody; as `Span`."""
    del parent
    return nullcontext()
