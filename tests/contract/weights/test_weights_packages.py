"""Weights in installed packages are joined, checked, and never imported."""

from pathlib import Path

import pytest
from toy_hub import ToyHub
from toy_model import FILES, HUB, contents, half_parts, store_of

from panglot.errors import WeightsCorruptError, WeightsMissingError
from panglot.models import Store


def test_parts_are_joined_into_the_store(site: Path, tmp_path: Path, nowhere: str) -> None:
    store = store_of(tmp_path / "store", half_parts(), HUB, endpoint=nowhere)

    folder = store.path("toy", offline=True)

    assert folder == store.root / "toy"
    assert contents(folder) == FILES
    assert store.verify("toy") == ()


def test_once_in_the_store_the_packages_are_not_needed(ready: Store, site: Path) -> None:
    (site / "toy_one" / "model.part1").unlink()

    assert contents(ready.path("toy")) == FILES


def test_progress_counts_every_byte_up_to_the_whole(site: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []

    store_of(tmp_path / "store", half_parts()).pull("toy", progress=lambda *step: seen.append(step))

    total = sum(map(len, FILES.values()))
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1][0] == total
    assert {whole for _, whole, _ in seen} == {total}
    assert {name for _, _, name in seen} == set(FILES)


def test_altered_packages_give_way_to_the_next_source(site: Path, tmp_path: Path, hub: ToyHub) -> None:
    (site / "toy_two" / "model.part2").write_bytes(bytes(len(FILES["model.bin"]) - 1000))
    store = store_of(tmp_path / "store", half_parts(), HUB, endpoint=hub.url)

    assert contents(store.path("toy")) == FILES


def test_altered_packages_and_no_other_source(site: Path, tmp_path: Path) -> None:
    (site / "toy_two" / "model.part2").write_bytes(bytes(len(FILES["model.bin"]) - 1000))
    store = store_of(tmp_path / "store", half_parts())

    with pytest.raises(WeightsCorruptError, match=r"model\.bin: expected 1024000 bytes with SHA-256 \w{12}"):
        store.path("toy")
    assert not (store.root / "toy").exists()


def test_a_package_without_its_file(site: Path, tmp_path: Path) -> None:
    (site / "toy_two" / "model.part2").unlink()

    with pytest.raises(WeightsMissingError, match=r"model\.part2.*--force-reinstall toy-weights-two==1\.0"):
        store_of(tmp_path / "store", half_parts()).path("toy")


def test_a_package_of_another_version_is_not_used(site: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match=r"toy-weights-one 2\.0 is 1\.0 here"):
        store_of(tmp_path / "store", half_parts(version="2.0")).path("toy")
