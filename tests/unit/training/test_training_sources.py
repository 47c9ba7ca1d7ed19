"""Data that are not there are told before anything is loaded."""

from pathlib import Path

import pytest

from panglot.errors import CorpusError
from panglot.training.settings import Settings
from panglot.training.sources import check_data


def test_data_have_to_be_there_unless_they_are_at_a_url(tmp_path: Path) -> None:
    here, lost = str(tmp_path), str(tmp_path / "lost.jsonl")
    check_data(Settings(data=here, output="run"))
    check_data(Settings(data="s3://bucket/shards", validation=here, output="run"))
    for settings in (Settings(data=lost, output="run"), Settings(data=here, validation=lost, output="run")):
        with pytest.raises(CorpusError, match=r"lost.jsonl' does not exist. Give a manifest"):
            check_data(settings)
