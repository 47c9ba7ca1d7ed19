"""Requests that no client sends: bytes that look like HTTP, more or less."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "get", "P\x00ST", "A" * 300, "")
PATHS = (
    "/v2/transcript",
    "/v2/upload",
    "/v2/transcript/{id}",
    "/v2/transcript/{id}/srt",
    "/v2/transcript/{id}/word-search?words={junk}",
    "/v2/transcript?limit={junk}&status={junk}&created_on={junk}&before_id={junk}",
    "/v1/audio/transcriptions",
    "/v1/audio/translations",
    "/v1/models/{junk}",
    "/metrics",
    "/{junk}",
    "{junk}",
    "*",
)
IDS = ("00000000-0000-4000-8000-000000000000", "0", "..", "%00", "null", "'; DROP TABLE transcripts; --", "\udcff")
FIELDS = (
    "audio_url",
    "language_code",
    "language_codes",
    "language_detection",
    "language_confidence_threshold",
    "custom_spelling",
    "language_detection_options",
    "speaker_labels",
    "speakers_expected",
    "speaker_options",
    "multichannel",
    "audio_start_from",
    "audio_end_at",
    "keyterms_prompt",
    "word_boost",
    "boost_param",
    "prompt",
    "temperature",
    "speech_threshold",
    "webhook_url",
    "webhook_auth_header_name",
    "webhook_auth_header_value",
    "redact_pii",
    "redact_pii_policies",
    "redact_pii_audio",
    "punctuate",
    "format_text",
    "disfluencies",
    "speech_model",
    "speech_models",
    "summarization",
    "unknown_field",
)
FORM = (
    "file",
    "model",
    "language",
    "prompt",
    "response_format",
    "temperature",
    "stream",
    "timestamp_granularities[]",
    "include[]",
)
TYPES = (
    "application/json",
    "application/octet-stream",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "b" * 300,
    "text/plain; charset=nonsense",
    "\x7f",
)


def random_request(draw: random.Random, *, key: str) -> bytes:
    """Make a request that is wrong in some way, most with a valid key so that it gets beyond the door."""
    if draw.random() < 0.1:
        return draw.randbytes(draw.randint(1, 2000))
    path = (
        draw.choice(PATHS)
        .replace("{id}", draw.choice(IDS if draw.random() < 0.3 else IDS[:2]))
        .replace("{junk}", _in_path(draw))
    )
    body = draw.choice((_json_body, _broken_json, _form, _noise))(draw)
    lines = [f"{draw.choice(METHODS[: draw.choice((2, 2, 4, 4, len(METHODS)))])} {path} HTTP/1.1", "Host: x"]
    if draw.random() < 0.85:
        lines.append(f"Authorization: {draw.choice(('', 'Bearer ', 'bearer  '))}{key}")
    lines.append(f"Content-Type: {draw.choice(TYPES if draw.random() < 0.2 else TYPES[:3])}")
    lines += _lengths(draw, len(body))
    if draw.random() < 0.03:
        lines.append(_junk(draw))
    head = "\r\n".join([*lines, "Connection: close", "", ""])
    return head.encode("utf-8", "surrogateescape") + body


def _in_path(draw: random.Random) -> str:
    """Junk, most often written so that it gets through to the one who reads the path."""
    junk = _junk(draw)
    return junk if draw.random() < 0.2 else quote(junk, safe="%")


def _lengths(draw: random.Random, true: int) -> list[str]:
    wrong = (0, true + 10, -1, 10**30)
    return draw.choices(
        (
            [f"Content-Length: {true}"],
            [f"Content-Length: {draw.choice(wrong)}"],
            ["Transfer-Encoding: chunked"],
            [f"Content-Length: {true}", "Transfer-Encoding: chunked"],
            ["Content-Length: many"],
            [],
        ),
        weights=(12, 2, 1, 1, 1, 1),
    )[0]


def _junk(draw: random.Random) -> str:
    kinds = (
        "",
        "%",
        "%zz",
        "-1",
        "1e309",
        "9" * 400,
        "\x00",
        "../../../../etc/passwd",
        "".join(chr(draw.randint(33, 0x2FFF)) for _ in range(draw.randint(1, 40))),
        "x" * 5000,
        "NaN",
        "[]",
        "<script>",
    )
    return draw.choice(kinds)


def _value(draw: random.Random, depth: int = 0) -> Any:
    """Some JSON value, most often of a kind that the field does not take."""
    kinds = [
        None,
        True,
        -1,
        10**40,
        1e308,
        float("nan"),
        float("inf"),
        "",
        "en",
        _junk(draw),
        "http://",
        "http://[",
        "http://\x00",
        "\ud800",
    ]
    if depth < 4:
        kinds += [
            [_value(draw, depth + 1) for _ in range(draw.randint(0, 4))],
            {_junk(draw): _value(draw, depth + 1) for _ in range(draw.randint(0, 3))},
        ]
    return draw.choice(kinds)


def _json_body(draw: random.Random) -> bytes:
    body = {field: _value(draw) for field in draw.sample(FIELDS, draw.randint(0, 6))}
    if draw.random() < 0.6:
        # A path that a server of ours refuses: nothing is taken on.
        body["audio_url"] = draw.choice(("", "nonsense", "http://", "file:///etc/passwd", 5, None, ["http://x/"]))
    return json.dumps(body).encode()


def _broken_json(draw: random.Random) -> bytes:
    whole = _json_body(draw)
    return draw.choice(
        (
            whole[: draw.randint(0, len(whole))],
            whole.replace(b'"', b"'"),
            b"[" * draw.choice((100, 100_000)),
            b'{"audio_url":' * 5000,
            json.dumps([_value(draw)]).encode(),
            b"\xff\xfe" + whole,
            b'{"audio_url": "\xff\xff"}',
            b"null",
            b'{"a": 1, "a": 2}',
        )
    )


def _form(draw: random.Random) -> bytes:
    parts: list[bytes] = []
    for field in draw.sample(FORM, draw.randint(0, 4)):
        name = draw.choice((f'name="{field}"', f"name={field}", "", f'name="{_junk(draw)}"'))
        file = draw.choice(("", f'; filename="{_junk(draw)}"'))
        head = f"--x\r\nContent-Disposition: form-data; {name}{file}\r\n\r\n"
        parts.append(head.encode("utf-8", "surrogateescape") + draw.randbytes(draw.randint(0, 300)) + b"\r\n")
    return b"".join(parts) + draw.choice((b"--x--\r\n", b"", b"--x", b"--y--\r\n"))


def _noise(draw: random.Random) -> bytes:
    return draw.randbytes(draw.randint(0, 3000))
