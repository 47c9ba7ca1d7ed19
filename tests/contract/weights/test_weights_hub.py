"""Weights from a model hub: whole or not at all, and an interrupted download goes on."""

from pathlib import Path

import pytest
from toy_hub import ToyHub
from toy_model import FILES, HUB, contents, half_parts, store_of

from panglot.errors import WeightsCorruptError, WeightsMissingError


def test_download_from_the_hub(tmp_path: Path, hub: ToyHub) -> None:
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)

    assert contents(store.path("toy")) == FILES
    assert hub.asked == [(name, "bytes=0-") for name in FILES]


def test_weights_that_are_here_need_no_network(tmp_path: Path, hub: ToyHub, nowhere: str) -> None:
    store_of(tmp_path / "store", HUB, endpoint=hub.url).pull("toy")

    folder = store_of(tmp_path / "store", HUB, endpoint=nowhere).path("toy")

    assert contents(folder) == FILES


def test_no_weights_and_no_network(tmp_path: Path, nowhere: str) -> None:
    store = store_of(tmp_path / "store", half_parts(version="3"), HUB, endpoint=nowhere, requirement="panglot[toy]")

    with pytest.raises(WeightsMissingError) as caught:
        store.path("toy")

    message = str(caught.value)
    for part in ("toy-weights-one 3", nowhere, "pip install 'panglot[toy]'", "panglot models pull toy", "a folder"):
        assert part in message
    assert [path.name for path in store.root.iterdir()] == [".toy.lock"]


def test_offline_never_asks_the_network(tmp_path: Path, hub: ToyHub) -> None:
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)

    with pytest.raises(WeightsMissingError, match="offline"):
        store.path("toy", offline=True)
    assert hub.asked == []


def test_the_hub_does_not_have_the_file(tmp_path: Path, hub: ToyHub) -> None:
    del hub.files["tokenizer.json"]
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)

    with pytest.raises(WeightsMissingError, match=r"tokenizer\.json.*404"):
        store.path("toy")
    assert not (store.root / "toy").exists()

    hub.files["tokenizer.json"] = FILES["tokenizer.json"]
    hub.asked.clear()
    assert contents(store.path("toy")) == FILES
    assert hub.asked == [("tokenizer.json", "bytes=0-")]


@pytest.mark.parametrize("wrong", [b"", b"x" * 1_024_000, b"x" * 1_024_001, FILES["model.bin"] + b"x"])
def test_other_bytes_from_the_hub_are_refused(tmp_path: Path, hub: ToyHub, wrong: bytes) -> None:
    hub.files["model.bin"] = wrong
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)

    with pytest.raises(WeightsCorruptError, match=r"model\.bin: expected 1024000 bytes"):
        store.path("toy")
    assert not (store.root / "toy").exists()

    hub.files["model.bin"] = FILES["model.bin"]
    assert contents(store.path("toy")) == FILES


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path, hub: ToyHub) -> None:
    hub.break_after = [300_000, 400_000]
    seen: list[int] = []
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)

    store.pull("toy", progress=lambda done, total, name: seen.append(done))

    starts = [int(wanted[6:-1]) for name, wanted in hub.asked if name == "model.bin"]
    assert len(starts) == 3
    assert 0 == starts[0] < starts[1] < starts[2] < len(FILES["model.bin"])
    assert seen == sorted(seen)
    assert contents(store.path("toy")) == FILES


def test_a_later_attempt_goes_on_where_an_earlier_one_stopped(tmp_path: Path, hub: ToyHub) -> None:
    hub.break_after = [300_000, 0]
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)
    with pytest.raises(WeightsMissingError):
        store.pull("toy")
    kept = (store.root / ".toy.partial" / "model.bin.incomplete").stat().st_size
    hub.asked.clear()

    assert contents(store.pull("toy")) == FILES
    assert 0 < kept <= 300_000
    assert hub.asked[0] == ("model.bin", f"bytes={kept}-")


def test_a_hub_that_knows_no_ranges(tmp_path: Path, hub: ToyHub) -> None:
    hub.ranges = False
    hub.break_after = [300_000]
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)

    assert contents(store.pull("toy")) == FILES


@pytest.mark.parametrize("left", [b"not the beginning", bytes(2_000_000)], ids=["wrong", "too long"])
def test_a_bad_remainder_is_thrown_away(tmp_path: Path, hub: ToyHub, left: bytes) -> None:
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)
    partial = store.root / ".toy.partial"
    partial.mkdir(parents=True)
    (partial / "model.bin.incomplete").write_bytes(left)

    assert contents(store.pull("toy")) == FILES


def test_remove_frees_what_an_unfinished_download_left(tmp_path: Path, hub: ToyHub) -> None:
    hub.break_after = [300_000, 0]
    store = store_of(tmp_path / "store", HUB, endpoint=hub.url)
    with pytest.raises(WeightsMissingError):
        store.pull("toy")

    assert store.remove("toy") > 0
    assert store.remove("toy") == 0
    assert [path.name for path in store.root.iterdir()] == [".toy.lock"]
