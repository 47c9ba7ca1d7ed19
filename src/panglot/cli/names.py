"""The file of ``--speaker-names``: which label is which person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from panglot.errors import OptionError
from panglot.transcripts import Transcript


def read_names(path: Path) -> dict[str, str]:
    """Read names from a file such as ``{"A": "Ada", "B": "Bob"}``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    dict of str to str
        Name by label.

    Raises
    ------
    OptionError
        If it cannot be read, or holds something else.
    """
    like = 'Give a file such as {"A": "Ada", "B": "Bob"}.'
    try:
        content = cast("object", json.loads(path.expanduser().read_text("utf-8-sig")))
    except OSError as error:
        raise OptionError(f"--speaker-names '{path}' cannot be read: {error.strerror or error}. {like}") from error
    except (ValueError, RecursionError) as error:
        raise OptionError(f"--speaker-names '{path}' is not JSON: {error}. {like}") from error
    if not isinstance(content, dict):
        raise OptionError(f"--speaker-names '{path}' is JSON, but not an object. {like}")
    names: dict[str, str] = {}
    for label, name in cast("dict[str, object]", content).items():
        if not isinstance(name, str) or not name.strip():
            raise OptionError(f"--speaker-names '{path}' gives {label!r} no name but {json.dumps(name)}. {like}")
        names[label] = name.strip()
    return names


def with_names(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    """Give the speakers of a transcript their names; labels that nobody has become a warning."""
    found = [speaker.name for speaker in transcript.speakers]
    unknown = [label for label in names if label not in found]
    renamed = transcript.rename_speakers(names)
    if not unknown:
        return renamed
    warning = f"--speaker-names names {', '.join(unknown)}, but the speakers are {', '.join(found) or 'nobody'}"
    return replace(renamed, warnings=(*renamed.warnings, warning))
