"""A model of a megabyte, stores that know no other, and damage to it."""

import hashlib
from pathlib import Path

from panglot.models import Store
from panglot.models.catalogue import Entry, File, Hub, InstalledFiles, Part, Source

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


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
