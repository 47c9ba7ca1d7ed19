"""Damage in the store is never used, and never replaced in silence."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_model import FILES, contents, flip, truncate

from panglot.errors import WeightsCorruptError, WeightsMissingError
from panglot.models import Store


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [flip, truncate])
def test_a_damaged_file_is_never_used_and_never_replaced_in_silence(
    ready: Store, name: str, damage: Callable[[Path], None]
) -> None:
    path = ready.root / "toy" / name
    damage(path)
    damaged = path.read_bytes()

    for attempt in (ready.path, ready.pull):
        with pytest.raises(WeightsCorruptError) as caught:
            attempt("toy")
        message = str(caught.value)
        assert str(path) in message
        assert f"{len(FILES[name])} bytes" in message
        assert hashlib.sha256(FILES[name]).hexdigest()[:12] in message
        assert "panglot models remove toy" in message
        assert "panglot models pull toy" in message
    assert path.read_bytes() == damaged
    assert [finding.path for finding in ready.verify("toy")] == [path]


def test_a_file_missing_from_the_store(ready: Store) -> None:
    path = ready.root / "toy" / "tokenizer.json"
    path.unlink()

    with pytest.raises(WeightsMissingError, match=re.escape(str(path))):
        ready.path("toy")
    assert [row.status for row in ready.list()] == ["damaged"]


def test_what_the_error_advises_helps(ready: Store) -> None:
    flip(ready.root / "toy" / "model.bin")

    freed = ready.remove("toy")
    ready.pull("toy")

    assert freed == sum(map(len, FILES.values()))
    assert contents(ready.path("toy")) == FILES
