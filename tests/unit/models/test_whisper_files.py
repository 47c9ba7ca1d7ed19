import hashlib
import json
import struct
from pathlib import Path

import pytest

from panglot.errors import ModelUnknownError, WeightsCorruptError, WeightsMissingError
from panglot.models.whisper import read_own_whisper, read_whisper

INT8 = 1


def model_bin(*, tokens: int, mel_bands: int = 80, names: tuple[str, ...] = ()) -> bytes:
    """A tiny file in CTranslate2's binary version 6, with the two variables whose shapes matter."""

    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    def variable(name: str, shape: tuple[int, ...]) -> bytes:
        size = 1
        for length in shape:
            size *= length
        header = text(name) + struct.pack(f"<B{len(shape)}IBI", len(shape), *shape, INT8, size)
        return header + bytes(size)

    first, second = names or ("encoder/conv1/weight", "decoder/embeddings/weight")
    head = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, 2)
    return head + variable(first, (1, mel_bands, 3)) + variable(second, (tokens, 1)) + struct.pack("<I", 0)


def vocabulary(size: int, *, languages: tuple[str, ...] = ("en", "zh", "haw")) -> list[str]:
    markers = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in languages), "<|translate|>"]
    return [f"t{number}" for number in range(size - len(markers))] + markers


def make_folder(folder: Path, *, tokens: int = 51_865, mel_bands: int = 80, listed: bool = False) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(model_bin(tokens=tokens, mel_bands=mel_bands))
    (folder / "config.json").write_text(json.dumps({"alignment_heads": [[3, 1]], "suppress_ids": [1, 2]}))
    (folder / "tokenizer.json").write_text("{}")
    words = vocabulary(tokens)
    if listed:
        (folder / "vocabulary.json").write_text(json.dumps(words))
    else:
        (folder / "vocabulary.txt").write_bytes("".join(f"{word}\n" for word in words).encode())
    return folder


def test_what_a_folder_says(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "own")

    files = read_whisper(folder, model_sha256="known")

    assert files.folder == folder
    assert files.model_sha256 == "known"
    assert files.mel_bands == 80
    assert files.vocabulary_size == 51_865
    assert files.languages == ("en", "zh", "haw")
    assert files.multilingual
    assert files.alignment_heads
    assert files.suppressed == (1, 2)
    assert files.tokenizer == folder / "tokenizer.json"


def test_large_v3_has_128_bands_and_a_vocabulary_in_json(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "v3", tokens=51_866, mel_bands=128, listed=True)

    files = read_whisper(folder, model_sha256="")

    assert (files.mel_bands, files.vocabulary_size) == (128, 51_866)
    assert files.languages == ("en", "zh", "haw")


def test_an_english_model_serves_english_alone(tmp_path: Path) -> None:
    files = read_whisper(make_folder(tmp_path / "en", tokens=51_864), model_sha256="")

    assert not files.multilingual
    assert files.languages == ("en",)


def test_only_a_line_feed_ends_a_token(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "own")
    words = ["a\u2028b", "c\x85d", "e\rf", *vocabulary(51_865 - 3)]
    (folder / "vocabulary.txt").write_bytes("".join(f"{word}\n" for word in words).encode())

    assert read_whisper(folder, model_sha256="").vocabulary_size == 51_865


def test_an_own_folder_is_named_by_the_hash_of_its_model(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "own")

    expected = hashlib.sha256((folder / "model.bin").read_bytes()).hexdigest()

    assert read_own_whisper(folder).model_sha256 == expected


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = make_folder(tmp_path / "own")
    (folder / name).unlink()

    with pytest.raises(WeightsMissingError, match=name):
        read_own_whisper(folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknownError, match="nowhere"):
        read_own_whisper(tmp_path / "nowhere")


def test_a_model_cut_anywhere_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "own")
    whole = (folder / "model.bin").read_bytes()

    for length in [*range(400), len(whole) - 5, len(whole) - 1]:
        (folder / "model.bin").write_bytes(whole[:length])
        with pytest.raises(WeightsCorruptError, match=r"model\.bin"):
            read_own_whisper(folder)


@pytest.mark.parametrize("content", [b"GGUF" + bytes(100), b"PK\x03\x04" + bytes(100)], ids=["gguf", "zip"])
def test_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = make_folder(tmp_path / "own")
    (folder / "model.bin").write_bytes(content)

    with pytest.raises(WeightsCorruptError, match="CTranslate2"):
        read_own_whisper(folder)


def test_another_network_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "own")
    (folder / "model.bin").write_bytes(model_bin(tokens=10, names=("encoder/a", "decoder/b")))

    with pytest.raises(WeightsCorruptError, match="not a Whisper model"):
        read_own_whisper(folder)


def test_a_vocabulary_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "own")
    (folder / "vocabulary.txt").write_text("".join(f"{word}\n" for word in vocabulary(51_866)))

    with pytest.raises(WeightsCorruptError, match="vocabulary"):
        read_own_whisper(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", "{"),
        ("config.json", "[]"),
        ("tokenizer.json", ""),
        ("vocabulary.json", "{}"),
        ("vocabulary.json", "not json"),
    ],
)
def test_damaged_json_is_refused(tmp_path: Path, name: str, content: str) -> None:
    folder = make_folder(tmp_path / "own")
    (folder / name).write_text(content)

    with pytest.raises(WeightsCorruptError, match=name):
        read_own_whisper(folder)
