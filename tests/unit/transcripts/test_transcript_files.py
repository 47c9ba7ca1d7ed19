import os
import resource
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from panglot.errors import OptionError, OutputError
from panglot.testing import make_segment, make_transcript
from panglot.transcripts import FORMATS, read_json


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


TRANSCRIPT = make_transcript(make_segment("Grüße aus 東京 🙂", language="de"))


@contextmanager
def nobody() -> Iterator[None]:
    """Run as a user whom permissions bind, also where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", FORMATS)
def test_the_suffix_says_the_format(tmp_path: Path, name: str):
    path = tmp_path / f"talk.{name.upper()}"
    TRANSCRIPT.save(path)
    options = {"recording": "talk"} if "recording" in FORMATS[name].options else {}
    assert path.read_bytes().decode() == TRANSCRIPT.to(name, **options)
    assert names_in(tmp_path) == [path.name]


def test_a_format_by_name_wins_over_the_suffix(tmp_path: Path):
    TRANSCRIPT.save(str(tmp_path / "talk.txt"), format="json")
    assert read_json((tmp_path / "talk.txt").read_bytes()).text == TRANSCRIPT.text


def test_options_reach_the_format(tmp_path: Path):
    TRANSCRIPT.save(tmp_path / "talk.srt", words=True)
    TRANSCRIPT.save(tmp_path / "talk.ctm", recording="other")
    assert (tmp_path / "talk.srt").read_text().count("-->") == 4
    assert (tmp_path / "talk.ctm").read_text().startswith("other 1 ")


@pytest.mark.parametrize("name", ["talk", "talk.", "talk.docx", ".srt"])
def test_an_unknown_suffix_is_refused_before_anything_is_written(tmp_path: Path, name: str):
    with pytest.raises(OptionError, match=r"\.txt, \.srt, \.vtt, \.json, \.tsv, \.csv, \.md, \.ctm, \.rttm"):
        TRANSCRIPT.save(tmp_path / name)
    assert names_in(tmp_path) == []


def test_an_older_file_is_replaced_and_a_link_followed(tmp_path: Path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    TRANSCRIPT.save(tmp_path / "link.txt")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == TRANSCRIPT.to("txt")


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path):
    (tmp_path / "plain").touch()
    TRANSCRIPT.save(tmp_path / "talk.txt")
    assert stat.S_IMODE((tmp_path / "talk.txt").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/talk.txt", "its directory does not exist. Create the directory first"),
        ("file/talk.txt", "is a file, not a directory"),
        ("folder.txt", "it is a directory. Name a file"),
        ("x" * 300 + ".txt", "the name is too long"),
        ("nul\0.txt", "the path is not valid"),
    ],
)
def test_paths_that_cannot_be_written(tmp_path: Path, name: str, reason: str):
    (tmp_path / "file").touch()
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(OutputError, match=reason):
        TRANSCRIPT.save(tmp_path / name)
    assert names_in(tmp_path) == ["file", "folder.txt"]


def test_no_permission_for_the_directory(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with nobody(), pytest.raises(OutputError, match="no permission to write there"):
        TRANSCRIPT.save(closed / "talk.txt")
    assert names_in(closed) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_no_permission_for_the_file(tmp_path: Path):
    (tmp_path / "talk.txt").touch(mode=0o400)
    with pytest.raises(OutputError, match="no permission to write there"):
        TRANSCRIPT.save(tmp_path / "talk.txt")


def test_a_file_that_cannot_be_finished_leaves_the_older_one_whole(tmp_path: Path):
    path = tmp_path / "talk.txt"
    path.write_text("old")
    long = make_transcript(*[make_segment("word " * 100, start=index) for index in range(100)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OutputError, match="larger than allowed"):
            long.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["talk.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_named():
    with pytest.raises(OutputError, match=r"the disk is full\. Free some space"):
        TRANSCRIPT.save("/dev/full", format="txt")
    assert not Path("/dev/full").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_a_named_pipe_is_written_to_and_stays_one(tmp_path: Path):
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    TRANSCRIPT.save(pipe)
    assert os.read(reader, 1000).decode() == TRANSCRIPT.to("txt")
    os.close(reader)
    assert pipe.is_fifo()
