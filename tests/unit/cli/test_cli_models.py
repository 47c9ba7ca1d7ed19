from collections.abc import Callable

import pytest

from panglot.models import Store

Panglot = Callable[..., int]


@pytest.fixture
def small(store: Store) -> Store:
    """The store, with the one model that is right."""
    folder = store.root / "small"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    return store


def test_the_list_says_what_is_here(panglot: Panglot, small: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("models", "list") == 0
    out, err = capsys.readouterr()
    assert [line.split("  ")[0] for line in out.splitlines()] == ["NAME", "small", "large", "community-1"]
    assert "ready" in out.splitlines()[1]
    assert "not here" in out.splitlines()[2]
    assert err == f"Models are kept in {small.root}.\n"


def test_verify_reads_the_bytes(panglot: Panglot, small: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("models", "verify") == 0
    assert capsys.readouterr().out == "small: as published\n"
    (small.root / "small" / "model.bin").write_bytes(b"weighed")
    assert panglot("models", "verify", "small") == 1
    err = capsys.readouterr().err
    assert "is altered" in err
    assert "panglot models pull small" in err


def test_verify_of_an_empty_store_says_so(panglot: Panglot, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("models", "verify") == 0
    assert capsys.readouterr().err == f"There are no models in {store.root} yet.\n"


def test_path_prints_a_verified_folder(panglot: Panglot, small: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("models", "path", "small") == 0
    assert capsys.readouterr().out == f"{small.root / 'small'}\n"


def test_path_downloads_nothing(panglot: Panglot, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("models", "path", "large") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "offline" in err
    assert err.count("\n") == 1


def test_pull_keeps_what_is_right(panglot: Panglot, small: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("models", "pull", "small") == 0
    assert capsys.readouterr().err == f"small: 0 MB verified, in {small.root / 'small'}\n"


def test_remove_deletes(panglot: Panglot, small: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("models", "remove", "small") == 0
    assert not (small.root / "small").exists()
    assert panglot("models", "remove", "small") == 0
    assert capsys.readouterr().err.splitlines()[-1] == "small: was not in the store"


@pytest.mark.parametrize("verb", ["pull", "verify", "remove", "path"])
def test_an_unknown_name_touches_nothing(
    panglot: Panglot, small: Store, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    names = ["tiny"] if verb == "path" else ["small", "tiny"]
    assert panglot("models", verb, *names) == 2
    assert "there is no model 'tiny'" in capsys.readouterr().err
    assert (small.root / "small").is_dir()
