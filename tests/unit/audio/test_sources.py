"""What may stand for a recording, and what is said when nothing is there."""

import io
import os
import threading
from pathlib import Path

import pytest

from panglot.audio import sources
from panglot.errors import AudioFormatError, AudioLimitError, AudioMissingError


def test_a_path_is_used_where_it_is(tmp_path, monkeypatch):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    monkeypatch.chdir(tmp_path)
    located = sources.locate("a.wav", stall=1.0)
    assert located == sources.Located(path=str(tmp_path / "a.wav"), name="a.wav")
    located.forget()
    assert (tmp_path / "a.wav").exists()


@pytest.mark.parametrize("source", [b"abc", bytearray(b"abc"), memoryview(b"abc"), io.BytesIO(b"abc")])
def test_bytes_and_file_objects_are_copied_and_the_copy_goes(source):
    located = sources.locate(source, stall=1.0)
    assert Path(located.path).read_bytes() == b"abc"
    located.forget()
    located.forget()
    assert not Path(located.path).exists()


def test_a_copy_keeps_the_ending_of_the_name():
    file = io.BytesIO(b"abc")
    file.name = "/somewhere/call.gsm"
    located = sources.locate(file, stall=1.0)
    located.forget()
    assert located.path.endswith(".gsm")
    assert located.name == "/somewhere/call.gsm"


def test_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"x" * 100_000))
    writer.start()
    located = sources.locate(pipe, stall=10.0)
    writer.join()
    assert Path(located.path).stat().st_size == 100_000
    located.forget()


def test_a_pipe_that_nobody_writes_to_is_given_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises((AudioLimitError, AudioFormatError)):
        sources.locate(tmp_path / "pipe", stall=0.1)


@pytest.mark.parametrize(
    "path", ["no/such/file.wav", "a\0b", "x" * 5000, "https://example.org/a.mp3", "/dev/zero", "."]
)
def test_what_is_not_there_is_missing(path):
    with pytest.raises(AudioMissingError) as caught:
        sources.locate(path, stall=1.0)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_missing(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "a.wav").chmod(0)
    with pytest.raises(AudioMissingError, match="may not be read"):
        sources.locate(tmp_path / "a.wav", stall=1.0)


@pytest.mark.parametrize("source", [b"", io.BytesIO()])
def test_nothing_is_refused(source):
    with pytest.raises(AudioFormatError, match="empty"):
        sources.locate(source, stall=1.0)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "a.wav").touch()
    with pytest.raises(AudioFormatError, match="empty"):
        sources.locate(tmp_path / "a.wav", stall=1.0)


def test_a_text_file_object_is_refused():
    with pytest.raises(AudioFormatError, match="'rb'"):
        sources.locate(io.StringIO("abc"), stall=1.0)


def test_a_closed_file_object_is_missing(tmp_path):
    file = io.BytesIO(b"abc")
    file.close()
    with pytest.raises(AudioMissingError, match="closed"):
        sources.locate(file, stall=1.0)


@pytest.mark.parametrize("source", [None, 5, [0.1, 0.2]])
def test_other_things_are_refused(source):
    with pytest.raises(AudioFormatError, match="numpy array"):
        sources.locate(source, stall=1.0)


def test_a_full_disk_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(AudioLimitError, match="temporary copy"):
        sources.locate(b"abc", stall=1.0)
