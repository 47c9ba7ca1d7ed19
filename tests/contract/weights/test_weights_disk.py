"""The disk is full, or cannot be written to."""

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from toy_model import FILES, contents, half_parts, store_of, toy

from panglot.errors import OutputError
from panglot.models import Store


def test_too_little_space(site: Path, tmp_path: Path) -> None:
    entry = toy(half_parts())
    huge = replace(entry, files=(replace(entry.files[0], bytes=10**18), *entry.files[1:]))

    with pytest.raises(OutputError, match="MB are free"):
        Store(tmp_path / "store", catalogue={"toy": huge}).path("toy")


def fill_a_small_disk(root: Path) -> str:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        store_of(root, half_parts()).path("toy")
    except OutputError as error:
        return str(error)
    return "no error"


def test_the_disk_fills_up(site: Path, tmp_path: Path) -> None:
    root = tmp_path / "store"
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        message = pool.submit(fill_a_small_disk, root).result()

    assert "model.bin" in message
    assert "free some space" in message
    assert not (root / "toy").exists()
    assert contents(store_of(root, half_parts()).path("toy")) == FILES


def test_a_store_that_cannot_be_made(site: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutputError, match="cannot write"):
        store_of(tmp_path / "file" / "store", half_parts()).path("toy")
