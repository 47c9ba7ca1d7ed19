import json
from dataclasses import replace
from pathlib import Path

import pytest

from panglot.errors import OptionError, TrainingError
from panglot.training.settings import Settings, read_settings, write_settings

BASIC = Settings(data="data.jsonl", output="runs/x")


def test_settings_survive_the_disk(tmp_path: Path) -> None:
    settings = replace(BASIC, languages=("de", "fr"), lora=8, hours=0.5, ema=0.99)
    path = tmp_path / "settings.json"
    path.write_text(write_settings(settings))
    assert read_settings(path) == settings


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"precision": "fp12"}, "--precision 'fp12' is not known"),
        ({"freeze": "decoder"}, "Give one of encoder"),
        ({"steps": 0}, "--steps 0 is not possible"),
        ({"batch_seconds": -1.0}, "--batch-seconds"),
        ({"ema": 1.5}, "--ema 1.5"),
        ({"lora": 8, "freeze": "encoder"}, "exclude each other"),
        ({"ema": 0.9, "distributed": "fsdp"}, "--distributed ddp"),
        ({"compile": True, "distributed": "fsdp"}, "--compile does not work with --distributed fsdp"),
        ({"patience": 3}, "Give --validation DATA, or leave --patience out"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(OptionError, match=told):
        replace(BASIC, **changes)  # pyright: ignore[reportArgumentType]


def test_a_learning_rate_of_nothing_is_allowed() -> None:
    assert replace(BASIC, learning_rate=0.0).rate == 0.0
    assert BASIC.rate < replace(BASIC, lora=4).rate


def test_a_run_without_limit_gets_one() -> None:
    assert BASIC.limited.epochs == 3
    assert replace(BASIC, hours=1.0).limited.epochs is None


@pytest.mark.parametrize("content", ["", "[1]", json.dumps({"data": "x", "output": "y", "colour": "red"}), "{}"])
def test_a_file_that_is_no_settings_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    with pytest.raises(TrainingError, match="is not the settings of a run"):
        read_settings(path)


def test_a_folder_without_a_run_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="Give the folder that was the --output of a run"):
        read_settings(tmp_path / "settings.json")
