"""RTTM as others write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from panglot.errors import CorpusError
from panglot.evaluation.turns import read_turns
from panglot.transcripts.formats.rttm import write_turns
from panglot.transcripts.records import Turn


def test_what_we_write_can_be_read(tmp_path: Path) -> None:
    turns = (Turn(start=0.25, end=1.5, speaker="A"), Turn(start=1.0, end=3.0, speaker="B"))
    path = tmp_path / "a.rttm"
    path.write_text(write_turns(turns, recording="talk"))
    assert read_turns(path) == turns


def test_other_lines_and_missing_last_fields_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.rttm"
    path.write_text("SPKR-INFO x 1 <NA> <NA> <NA> unknown A <NA>\n\n;; note\nSPEAKER x 1 2 0.5 <NA> <NA> A\n")
    assert read_turns(path) == (Turn(start=2.0, end=2.5, speaker="A"),)


@pytest.mark.parametrize("text", ["SPEAKER x 1 0.0\n", "SPEAKER x 1 now 1.0 <NA> <NA> A <NA> <NA>\n"])
def test_damaged_lines_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.rttm"
    path.write_text(f"SPEAKER x 1 2 0.5 <NA> <NA> A\n{text}")
    with pytest.raises(CorpusError, match=r"a\.rttm:2 is no turn"):
        read_turns(path)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_turns(tmp_path / "none.rttm")
