"""Names of models, folders in their place, and the list of what is here."""

from pathlib import Path

import pytest
from toy_hub import ToyHub
from toy_model import HUB, half_parts, store_of, truncate

from panglot.errors import ModelUnknownError, WeightsMissingError
from panglot.models import CATALOGUE, VAD_MODEL, Store


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
