"""What a file is, judged by its first bytes: used to say why something is not a recording."""

from __future__ import annotations

import re
import struct

HEAD_BYTES = 4096
"""How much of a file is looked at."""

_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"#EXTM3U", "a playlist"),
    (b"ffconcat", "a playlist"),
    (b"[playlist]", "a playlist"),
)
_TEXT = re.compile(rb"[\t\n\f\r\x1b\x20-\x7e]*")


def looks_like(head: bytes) -> str | None:
    """Name for the kind of file that starts with these bytes, where it is a known kind that is no recording."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP image"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if is_text(head):
        return "a web page" if b"<html" in head.lower() else "text"
    return "nothing but zeros" if head and not head.strip(b"\0") else None


def is_text(head: bytes) -> bool:
    """Whether the first bytes of a file are text in ASCII or UTF-8."""
    if not head or b"\0" in head:
        return False
    if _TEXT.fullmatch(head):
        return True
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":  # a character cut in two is no sign of binary data
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character.isspace() for character in text)


def wav_header(head: bytes) -> tuple[int, int] | None:
    """Channels and rate that a WAV header declares, or ``None`` where there is none."""
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return None
    at = head.find(b"fmt ")
    if at < 0 or len(head) < at + 16:
        return None
    _, channels, rate = struct.unpack_from("<HHI", head, at + 8)
    return channels, rate


def declares_mp3_length(frame: bytes) -> bool:
    """Whether the first frame of an MP3 counts its frames, so that its length is known and not guessed."""
    return any(tag in frame[:256] for tag in (b"Xing", b"Info", b"VBRI"))
