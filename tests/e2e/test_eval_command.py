"""Evaluation, import and language cards as users run them, with small weights."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from panglot.errors import WeightsMissingError
from panglot.models import DIARIZATION_MODEL, VAD_MODEL, Store

DATA = Path(__file__).parents[1] / "data"
PANGLOT = [sys.executable, "-m", "panglot"]
SMALL = "tiny.en"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of its own with the small weights, so that nothing is left in the user's."""
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    for name in (SMALL, VAD_MODEL, DIARIZATION_MODEL):
        try:
            (models / name).symlink_to(Store().path(name, offline=True))
        except WeightsMissingError as error:
            pytest.skip(f"the weights of {name} are not here: {error}")
    return models.parent


@pytest.fixture
def panglot(home: Path, tmp_path: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PANGLOT, "--home", str(home), *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=240
        )

    return run


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """The English sample with a wrong word in its text, and rows that cannot be used."""
    text = "Good morning, and welcome to our palace. Please follow me to the garden."
    rows = [
        {"id": "museum", "audio": str(DATA / "english.flac"), "text": text, "language": "en"},
        {"id": "none", "audio": "missing.flac", "text": "nothing", "language": "en"},
        {"id": "silent", "audio": str(DATA / "english.flac"), "text": "", "language": "en"},
    ]
    path = tmp_path / "data.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_a_model_is_measured_and_held_to_bounds(panglot: Run, manifest: Path, tmp_path: Path) -> None:
    done = panglot(
        "eval", "data.jsonl", "--model", SMALL, "--html", "a.html", "--markdown", "a.md", "--json", "a.json",
        "--require", "wer<=0.05,cer<=50%",
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "panglot: error: wer<=0.05 is required, but wer is 0.07692\n"
    assert "PALACE" in done.stdout
    assert "MUSEUM" in done.stdout
    assert "the recording 'missing.flac' is missing" in done.stdout
    assert "data.jsonl:3" in done.stdout
    assert (tmp_path / "a.html").read_text("utf-8").count("<svg") == 2
    assert (tmp_path / "a.md").read_text("utf-8").startswith(r"# tiny.en on data.jsonl")
    (evaluation,) = json.loads((tmp_path / "a.json").read_text("utf-8"))["evaluations"]
    assert evaluation["summary"]["words"]["errors"]["substitutions"] == 1
    assert evaluation["system"]["sha256"].startswith("1a5afae06a4d")

    # The same evaluation becomes the card of the model, and of no other one.
    written = panglot("models", "card", SMALL, "--from", "a.json")
    assert written.returncode == 0
    assert "Not in this model: 98 languages" in written.stdout
    shown = json.loads(panglot("models", "card", SMALL, "--format", "json").stdout)
    assert shown["rows"][0] == {
        "language": "en", "tier": "too few", "utterances": 1, "unit": "word",
        "rate": pytest.approx(1 / 13), "low": None, "high": None, "character_rate": pytest.approx(0.08, abs=0.05),
    }  # fmt: skip
    other = panglot("models", "card", DIARIZATION_MODEL, "--from", "a.json")
    assert other.returncode == 2
    assert "is an evaluation of other weights" in other.stderr


@pytest.mark.slow
def test_the_peer_hears_the_same_with_the_same_weights(panglot: Run, manifest: Path, tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    done = panglot("eval", "data.jsonl", "--model", SMALL, "--against", "faster-whisper", "--json", "a.json")
    assert done.returncode == 0, done.stderr
    first, second = json.loads((tmp_path / "a.json").read_text("utf-8"))["evaluations"]
    assert second["system"]["name"].startswith("faster-whisper ")
    assert "beam 5" in second["system"]["settings"]
    assert first["system"]["sha256"] == second["system"]["sha256"]
    assert "museum" in second["utterances"][0]["hypothesis"]
    assert "utterances are too few to compare" in done.stdout


@pytest.mark.slow
def test_a_model_of_ones_own_is_imported_used_and_deleted(panglot: Run, manifest: Path, home: Path) -> None:
    folder = str(home / "models" / SMALL)
    refused = panglot("models", "import", folder, "--name", "mine", "--verify", "data.jsonl")
    assert refused.returncode == 2
    assert "Name it with --parent" in refused.stderr
    verify = ("--verify", "data.jsonl", "--parent", SMALL)
    refused = panglot("models", "import", folder, "--name", "mine", *verify)
    assert refused.returncode == 1
    assert "mine is not imported: 1 utterances are too few to verify it" in refused.stderr
    assert not (home / "models" / "own" / "mine").exists()
    done = panglot("models", "import", folder, "--name", "mine", *verify, "--force")
    assert done.returncode == 0, done.stderr
    assert "panglot serve --model mine" in done.stderr
    assert "Languages of mine" in panglot("models", "card", "mine").stdout
    assert "welcome" in panglot("transcribe", str(DATA / "english.flac"), "--model", "mine").stdout
    assert panglot("models", "remove", "mine").returncode == 0
    assert panglot("models", "card", "mine").returncode == 2


def test_what_was_never_measured_has_no_card(panglot: Run) -> None:
    done = panglot("models", "card", SMALL)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was measured of tiny.en yet" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("eval", "none.jsonl", "--model", SMALL), "none.jsonl"),
        (("eval", "data.jsonl", "--model", SMALL, "--require", "speed"), "is not a bound"),
        (("eval", "data.jsonl", "--model", SMALL, "--language", "de"), "Give one of auto, given"),
        (("models", "card", SMALL, "--format", "pdf"), "Give one of text, md, json"),
        (("models", "import", "none", "--name", "mine"), "none"),
    ],
)
def test_wrong_use_is_one_line(panglot: Run, manifest: Path, arguments: tuple[str, ...], message: str) -> None:
    done = panglot(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_run_is_converted_and_knows_its_parent(panglot: Run, home: Path, tmp_path: Path) -> None:
    whisper = pytest.importorskip("panglot.training.whisper")
    store = Store(home / "models")
    best = tmp_path / "run" / "best"
    whisper.save_trainable(whisper.load_trainable(SMALL, store=store), best)
    text = "Good morning, and welcome to our museum. Please follow me to the garden."
    rows = [
        {"id": str(number), "audio": str(DATA / "english.flac"), "text": text, "language": "en"} for number in range(5)
    ]
    (tmp_path / "data.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    done = panglot("models", "import", str(best), "--name", "mine", "--verify", "data.jsonl")
    assert done.returncode == 0, done.stderr
    assert "No difference is shown between mine and tiny.en" in done.stderr
    assert done.stderr.count("\n") == 2  # and where it is kept; nothing of the libraries
    original, mine = (store.path(name) / "model.bin" for name in (SMALL, "mine"))
    assert original.read_bytes() == mine.read_bytes()
