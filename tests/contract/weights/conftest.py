"""What the store of models promises: the published bytes or a clear error, from installed packages and a hub."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from toy_hub import ToyHub
from toy_model import FILES, half_parts, store_of

from panglot.models import Store


def install(site: Path, name: str, version: str, members: dict[str, bytes]) -> None:
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for path, content in members.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)


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
