"""What a file is called when it is no recording."""

import pytest
from recordings import wav

from panglot.audio import signature


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0", "a JPEG image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a WebP image"),
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04\0", "a ZIP archive or office document"),
        (b"#EXTM3U\n", "a playlist"),
        (b"ffconcat version 1.0\nfile a.wav", "a playlist"),
        (b"hello\nthere", "text"),
        ("Grüße".encode(), "text"),
        (b"<!DOCTYPE html><HTML>", "a web page"),
        (b"\0" * 100, "nothing but zeros"),
        (b"", None),
        (b"ID3\x04\0\0", None),
        (b"\xde\xad\xbe\xef", None),
    ],
)
def test_kinds_are_named(head, kind):
    assert signature.looks_like(head) == kind


def test_text_cut_inside_a_character_is_text():
    assert signature.is_text("пример".encode()[:-1])
    assert not signature.is_text(b"abc\xffabc")


def test_a_wav_header_is_read_even_if_impossible():
    assert signature.wav_header(wav(channels=0, rate=4_000_000_000)) == (0, 4_000_000_000)
    assert signature.wav_header(wav()[:24]) is None
    assert signature.wav_header(b"OggS") is None


def test_a_counted_mp3_is_told_from_one_that_is_not():
    assert signature.declares_mp3_length(b"\xff\xfb\x90\x64" + b"\0" * 32 + b"Info" + b"\0" * 100)
    assert not signature.declares_mp3_length(b"\xff\xfb\x90\x64" + b"\0" * 300 + b"Info")
