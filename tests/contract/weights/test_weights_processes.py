"""Several fill the store at once, and some are killed."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from toy_hub import ToyHub
from toy_model import FILES, HUB, contents, half_parts, store_of

from panglot.models.catalogue import Source


def pull_in_another_process(root: Path, source: Source, endpoint: str | None = None) -> dict[str, bytes]:
    return contents(store_of(root, source, endpoint=endpoint).path("toy"))


def test_processes_that_fill_the_store_at_once(site: Path, tmp_path: Path) -> None:
    root = tmp_path / "store"
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        results = [pool.submit(pull_in_another_process, root, half_parts()) for _ in range(4)]

        assert all(result.result() == FILES for result in results)
    assert sorted(path.name for path in root.iterdir()) == [".toy.lock", "toy"]


def test_threads_that_download_at_once_download_once(tmp_path: Path, hub: ToyHub) -> None:
    stores = [store_of(tmp_path / "store", HUB, endpoint=hub.url) for _ in range(6)]
    with ThreadPoolExecutor(len(stores)) as pool:
        folders = list(pool.map(lambda store: store.path("toy"), stores))

    assert all(contents(folder) == FILES for folder in folders)
    assert len(hub.asked) == len(FILES)


def test_a_killed_download_goes_on(tmp_path: Path, hub: ToyHub) -> None:
    root = tmp_path / "store"
    hub.stall_after = 700_000
    process = multiprocessing.get_context("spawn").Process(target=pull_in_another_process, args=(root, HUB, hub.url))
    process.start()
    left = root / ".toy.partial" / "model.bin.incomplete"
    assert hub.stalled.wait(60)
    while not (left.exists() and left.stat().st_size) and process.is_alive():
        time.sleep(0.01)
    process.kill()
    process.join()
    hub.stall_after = None
    hub.asked.clear()
    store = store_of(root, HUB, endpoint=hub.url)

    assert not (root / "toy").exists()
    kept = left.stat().st_size
    assert contents(store.path("toy")) == FILES
    assert kept > 0
    assert hub.asked[0] == ("model.bin", f"bytes={kept}-")
