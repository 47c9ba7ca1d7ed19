"""Options that several commands share, and their values for shell completion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from panglot.language.codes import LANGUAGES, normalise
from panglot.transcripts import FORMATS


def _models() -> list[str]:
    from panglot.models import CATALOGUE

    return [entry.name for entry in CATALOGUE.values() if entry.kind == "whisper"]


def _weights() -> list[str]:
    from panglot.models import CATALOGUE

    return list(CATALOGUE)


def _languages() -> list[tuple[str, str]]:
    return [(language.code, language.name) for language in LANGUAGES.values()]


def _formats() -> list[tuple[str, str]]:
    return [(chosen.name, chosen.description) for chosen in FORMATS.values()]


def _devices() -> list[str]:
    from panglot.engines.compute import DEVICES

    return list(DEVICES)


def _compute_types() -> list[str]:
    from panglot.engines.compute import COMPUTE_TYPES

    return list(COMPUTE_TYPES)


Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILES...", help="Recordings of any kind, patterns such as 'talks/*.mp3', or - for standard input."
    ),
]
Model = Annotated[
    str,
    typer.Option(
        "--model", "-m", metavar="NAME", help="Model by name, or a folder with weights.", autocompletion=_models
    ),
]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--languages",
        metavar="CODES",
        help="Only these languages can be detected, such as en,de.",
        show_default="all 99",
        autocompletion=_languages,
    ),
]
Start = Annotated[str, typer.Option(metavar="TIME", help="Begin here: seconds (90.5) or [HH:]MM:SS (1:30).")]
End = Annotated[
    str | None, typer.Option(metavar="TIME", help="Stop here, written like --start.", show_default="end of recording")
]
Device = Annotated[
    str,
    typer.Option(metavar="DEVICE", help="auto, cpu or cuda; auto takes CUDA if it is there.", autocompletion=_devices),
]
Compute = Annotated[
    str,
    typer.Option(
        metavar="TYPE",
        help="Number type, such as int8 or float16; auto takes the fastest that is accurate.",
        autocompletion=_compute_types,
    ),
]
Threads = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Processor threads.", show_default="all processors")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the result and errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Format = Annotated[
    list[str],
    typer.Option(
        "--format",
        "-f",
        metavar="NAMES",
        help=f"One or more of {', '.join(FORMATS)}.",
        autocompletion=_formats,
    ),
]
Language = Annotated[
    str,
    typer.Option(
        "--language",
        "-l",
        metavar="CODE",
        help="The one language spoken, such as de; auto detects it throughout.",
        autocompletion=_languages,
    ),
]
Names = Annotated[
    list[str], typer.Argument(metavar="NAMES...", help="Models, as in the list.", autocompletion=_weights)
]
SomeNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAMES...]",
        help="Models, as in the list.",
        show_default="all that are in the store",
        autocompletion=_weights,
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A model, as in the list.", autocompletion=_weights)]
Home = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        envvar="PANGLOT_HOME",
        help="Folder where weights are kept, in its folder models.",
        show_default="the user's cache folder",
    ),
]


def split(values: Sequence[str] | None) -> list[str]:
    """Items of an option that is given several times, with commas, or both."""
    return [item.strip() for value in values or () for item in value.split(",") if item.strip()]


def language_codes(values: Sequence[str] | None) -> list[str] | None:
    """Codes of languages, however they were written; None where none was given.

    Raises
    ------
    LanguageError
        If one is not among the 99.
    """
    return [normalise(item) for item in split(values)] or None
