import hashlib
from pathlib import Path

import pytest

from panglot.models.catalogue import File
from panglot.models.verification import check_file, digest

CONTENT = bytes(range(256)) * 8
FILE = File(name="weights", bytes=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


def test_digest_of_the_standard_example(tmp_path: Path) -> None:
    # FIPS 180-2, appendix B.1.
    path = tmp_path / "message"
    path.write_bytes(b"abc")

    assert digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_published_bytes_are_right(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(CONTENT)

    assert check_file(path, FILE) is None


@pytest.mark.parametrize("position", [0, len(CONTENT) // 2, len(CONTENT) - 1])
@pytest.mark.parametrize("bit", [1, 128])
def test_one_flipped_bit_is_found(tmp_path: Path, position: int, bit: int) -> None:
    path = tmp_path / "weights"
    changed = bytearray(CONTENT)
    changed[position] ^= bit
    path.write_bytes(changed)

    finding = check_file(path, FILE)

    assert finding
    assert finding.problem == "altered"
    assert str(path) in str(finding)
    assert FILE.sha256[:12] in str(finding)
    assert hashlib.sha256(changed).hexdigest()[:12] in str(finding)


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"\0"], ids=["empty", "short", "long"])
def test_a_wrong_size_is_found(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights"
    path.write_bytes(content)

    finding = check_file(path, FILE)

    assert finding
    assert finding.problem == "wrong size"
    assert f"expected {len(CONTENT)} bytes" in str(finding)
    assert f"found {len(content)} bytes" in str(finding)


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    finding = check_file(tmp_path / "weights", FILE)

    assert finding
    assert finding.problem == "missing"


def test_a_folder_in_place_of_a_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()

    assert check_file(tmp_path / "weights", FILE)
