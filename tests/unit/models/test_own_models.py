"""Models made here: registered by name, checked like published ones."""

import json
from pathlib import Path

import pytest
from test_whisper_files import make_folder

from panglot.errors import ModelUnknownError, OptionError, WeightsCorruptError, WeightsMissingError
from panglot.models import CATALOGUE, Store
from panglot.models.verification import digest


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "made")


def own_rows(store: Store) -> list[tuple[str, str]]:
    return [(row.entry.name, row.status) for row in store.list() if row.entry.name not in CATALOGUE]


def test_a_registered_model_is_used_by_its_name(store: Store, made: Path) -> None:
    (made / "notes.txt").write_text("no part of the model")

    entry = store.register("my-model_2.1", made, about="made for tests")

    folder = store.root / "own" / "my-model_2.1"
    files = store.whisper("my-model_2.1")
    assert "my-model_2.1" in store
    assert store.entry("my-model_2.1") == entry
    assert (entry.kind, entry.description, entry.languages) == ("whisper", "made for tests", ())
    assert store.path("my-model_2.1", offline=True) == store.pull("my-model_2.1") == folder
    assert (files.folder, files.model_sha256) == (folder, digest(made / "model.bin"))
    assert store.verify("my-model_2.1") == ()
    assert own_rows(store) == [("my-model_2.1", "ready")]
    assert {path.name for path in folder.iterdir()} == {*(file.name for file in entry.files), "model.json"}
    assert {file.name: (file.bytes, file.sha256) for file in entry.files} == {
        name: ((made / name).stat().st_size, digest(made / name))
        for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
    }


def test_another_store_on_the_same_folder_knows_it(store: Store, made: Path) -> None:
    entry = store.register("mine", made, about="made for tests")

    assert Store(store.root).entry("mine") == entry


def test_what_happens_to_the_original_does_not_matter(store: Store, made: Path) -> None:
    store.register("mine", made, about="made for tests")
    (made / "model.bin").write_bytes(b"")

    assert store.whisper("mine").mel_bands == 80


def test_an_english_only_model_says_so(store: Store, tmp_path: Path) -> None:
    english = make_folder(tmp_path / "english", tokens=51_864)

    assert store.register("mine", english, about="made for tests").languages == ("en",)


def test_a_name_wins_over_a_folder(store: Store, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.register("mine", made, about="made for tests")
    make_folder(tmp_path / "work" / "mine", mel_bands=128)
    monkeypatch.chdir(tmp_path / "work")

    assert store.whisper("mine").mel_bands == 80
    assert store.whisper("./mine").mel_bands == 128


@pytest.mark.parametrize("file", ["model.bin", "config.json", "vocabulary.txt"])
def test_an_altered_file_is_never_used(store: Store, made: Path, file: str) -> None:
    store.register("mine", made, about="made for tests")
    path = store.root / "own" / "mine" / file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(WeightsCorruptError, match=r"is altered.*remove mine.*import it again"):
        store.whisper("mine")
    assert [finding.problem for finding in store.verify("mine")] == ["altered"]


def test_a_missing_file(store: Store, made: Path) -> None:
    store.register("mine", made, about="made for tests")
    (store.root / "own" / "mine" / "tokenizer.json").unlink()

    with pytest.raises(WeightsMissingError, match="remove mine"):
        store.whisper("mine")
    assert own_rows(store) == [("mine", "damaged")]


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"about": "x", "languages": [], "files": [{"name": 1}]}'])
def test_a_damaged_record_is_listed_and_can_be_removed(store: Store, made: Path, record: str) -> None:
    store.register("mine", made, about="made for tests")
    (store.root / "own" / "mine" / "model.json").write_text(record)

    with pytest.raises(WeightsCorruptError, match=r"model\.json is damaged"):
        store.whisper("mine")
    assert own_rows(store) == [("mine", "damaged")]
    assert store.remove("mine") > 0
    assert own_rows(store) == []


def test_a_record_cannot_point_out_of_the_folder(store: Store, made: Path) -> None:
    store.register("mine", made, about="made for tests")
    path = store.root / "own" / "mine" / "model.json"
    record = json.loads(path.read_text())
    record["files"][0]["name"] = "../../../made/model.bin"
    path.write_text(json.dumps(record))

    assert store.entry("mine").files[0].name == "model.bin"


@pytest.mark.parametrize("name", ["", ".", "..", "../mine", "a/b", "-mine", ".mine", "mein modell", "größe", "m" * 65])
def test_names_that_cannot_be(store: Store, made: Path, name: str) -> None:
    with pytest.raises(OptionError, match="cannot be called"):
        store.register(name, made, about="made for tests")
    assert not store.root.exists()


def test_names_that_are_taken(store: Store, made: Path) -> None:
    store.register("mine", made, about="made for tests")

    for name in ("base", "mine"):
        with pytest.raises(OptionError, match=f"there is a model '{name}' already"):
            store.register(name, made, about="made for tests")


def test_what_is_not_a_model_is_not_registered(store: Store, made: Path, tmp_path: Path) -> None:
    (made / "model.bin").write_bytes((made / "model.bin").read_bytes()[:-100])

    with pytest.raises(WeightsCorruptError, match="bytes early"):
        store.register("mine", made, about="made for tests")
    with pytest.raises(ModelUnknownError, match="there is no folder"):
        store.register("mine", tmp_path / "nothing", about="made for tests")
    assert own_rows(store) == []


def test_a_copy_that_was_killed_leaves_no_model_and_is_no_hindrance(store: Store, made: Path) -> None:
    left = store.root / ".mine.partial"
    left.mkdir(parents=True)
    (left / "model.bin").write_bytes(b"half")

    assert "mine" not in store
    store.register("mine", made, about="made for tests")
    assert store.verify("mine") == ()
    assert not left.exists()


def test_the_card_of_an_own_model_goes_with_it(store: Store, made: Path) -> None:
    store.register("mine", made, about="made for tests")
    for name in ("mine", "base"):
        store.card_path(name).parent.mkdir(exist_ok=True)
        store.card_path(name).write_text("{}")

    assert store.card_path("mine") == store.root / "cards" / "mine.json"
    assert store.remove("mine") > made.joinpath("model.bin").stat().st_size
    assert not store.card_path("mine").exists()
    assert store.card_path("base").exists()
    with pytest.raises(ModelUnknownError):
        store.entry("mine")


def test_a_name_nearly_right_gets_a_hint(store: Store, made: Path) -> None:
    store.register("finnish-small", made, about="made for tests")

    with pytest.raises(ModelUnknownError, match="did you mean finnish-small"):
        store.whisper("finish-small")
