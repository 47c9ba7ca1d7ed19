"""Writing a transcript to disk: the whole file or none."""

from __future__ import annotations

import os
from pathlib import Path

from panglot.errors import OptionError
from panglot.files import write_file
from panglot.transcripts.formats import FORMATS, Format, find_format
from panglot.transcripts.records import Transcript


def save(transcript: Transcript, path: str | os.PathLike[str], *, format_name: str | None, **options: object) -> None:
    """Write a transcript to a file; see `Transcript.save`."""
    target = Path(path)
    chosen = _format_of(target) if format_name is None else find_format(format_name)
    if "recording" in chosen.options:
        options.setdefault("recording", target.stem)
    write_file(target, chosen.render(transcript, **options))


def _format_of(path: Path) -> Format:
    if path.suffix[1:].lower() not in FORMATS:
        suffix = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
        known = ", ".join(f".{name}" for name in FORMATS)
        raise OptionError(
            f"cannot tell the format of {path.name!r}: it has {suffix}. Known suffixes: {known}. "
            "Use one of them, or name the format."
        )
    return find_format(path.suffix[1:])
