"""Where the steps of a job leave what the next ones need."""

import numpy as np
import pytest

from panglot.errors import NotFoundError
from panglot.service.shelf import Shelf
from panglot.storage.blobs import Blobs
from panglot.testing import make_segment, make_transcript

SAMPLES = np.linspace(-1.2, 1.2, 1600, dtype=np.float32)[None].repeat(2, axis=0)
HEARD = make_transcript(make_segment("one two three"))


@pytest.fixture
def blobs() -> Blobs:
    return Blobs("memory://")


def test_what_is_in_memory_leaves_nothing_and_is_lost_with_it(blobs: Blobs) -> None:
    shelf = Shelf(blobs)
    shelf.put_piece("piece", SAMPLES)
    shelf.put_transcript("text", HEARD)
    assert shelf.has_transcript("text")
    assert shelf.transcript("text") == HEARD
    assert blobs.list("") == ()
    with pytest.raises(NotFoundError):
        Shelf(blobs).piece("piece")
    assert not Shelf(blobs).has_transcript("text")


def test_what_lasts_is_the_same_for_whoever_comes_next(blobs: Blobs) -> None:
    shelf, kept = Shelf(blobs), Shelf(blobs)
    kept.put_piece("first", SAMPLES)
    shelf.put_piece("first", SAMPLES)
    shelf.persist()
    shelf.put_piece("second", SAMPLES[:, ::2])
    shelf.put_transcript("text", HEARD)

    after = Shelf(blobs)
    after.persist()
    assert blobs.list("") == ("first", "second", "text")
    assert np.array_equal(after.piece("first"), kept.piece("first"))
    assert after.piece("second").shape == (2, 800)
    assert after.has_transcript("text")
    assert not after.has_transcript("another")
    assert after.transcript("text").text == HEARD.text
