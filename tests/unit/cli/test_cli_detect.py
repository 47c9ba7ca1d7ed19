import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    (tmp_path / "one.wav").write_text("12345")
    (tmp_path / "silence.wav").write_text("")
    return tmp_path


def test_a_table_of_spans(panglot: Callable[..., int], talks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("detect", "one.wav", "silence.wav") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["FILE", "START", "END", "LANGUAGE", "PROBABILITY"],
        ["one.wav", "0.0", "s", "5.0", "s", "de", "(German)", "0.75"],
        ["silence.wav", "-", "-", "no", "speech", "-"],
    ]


def test_json_takes_one_line_for_each_recording(
    panglot: Callable[..., int], talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("detect", "one.wav", "missing.wav", "silence.wav", "--json") == 1
    out, err = capsys.readouterr()
    spans = [{"start": 0.0, "end": 5.0, "language": "de", "probability": 0.75}]
    first, second, third = map(json.loads, out.splitlines())
    assert first == {"file": "one.wav", "languages": spans}
    assert second["error"]["code"] == "audio_missing"
    assert third == {"file": "silence.wav", "languages": []}
    assert err == "panglot: error: 'missing.wav' does not exist. Check the path.\n"


def test_options_reach_the_model(panglot: Callable[..., int], talks: Path, model: Any) -> None:
    panglot("detect", "one.wav", "--languages", "en,de", "--start", "2")
    [asked] = model.asked
    asked.pop("progress")
    assert asked == {"languages": ["en", "de"], "start": 2.0, "end": None}
