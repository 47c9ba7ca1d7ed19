"""Models that need no weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from panglot import Model
from panglot.testing import FakeDetector, FakeEngine


@pytest.fixture
def load() -> Iterator[Callable[..., tuple[Model, FakeEngine]]]:
    """Load a model and its engine; the options are the engine's. Closed at the end of the test."""
    with ExitStack() as stack:

        def load(**options: Any) -> tuple[Model, FakeEngine]:
            engine = FakeEngine(**options)
            return stack.enter_context(Model(engine, FakeDetector())), engine

        yield load
