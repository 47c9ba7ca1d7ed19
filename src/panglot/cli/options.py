"""Options that several commands share, and their values for shell completion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from panglot.cli.help import MACHINE, RESULT, SPEECH
from panglot.errors import OptionError
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


def _threads(text: str) -> int:
    try:
        threads = int(text)
    except ValueError:
        threads = 0
    if threads < 1:
        raise OptionError(f"--threads {text!r} is not a number of threads. Give 1 or more, or none for all processors.")
    return threads


CHANNELS = ("mix", "separate")

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILES...", help="Recordings, patterns such as 'talks/*.mp3', or - for standard input."),
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME",
        help="Model: a name from `panglot models list`, or a folder with weights.",
        autocompletion=_models,
        rich_help_panel=MACHINE,
    ),
]
Language = Annotated[
    str,
    typer.Option(
        "--language",
        "-l",
        metavar="CODE",
        help="The language spoken, such as de; auto detects it throughout.",
        autocompletion=_languages,
        rich_help_panel=SPEECH,
    ),
]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--languages",
        metavar="CODES",
        help="Detect only these languages, such as en,de.",
        show_default="all 99",
        autocompletion=_languages,
        rich_help_panel=SPEECH,
    ),
]
Start = Annotated[
    str,
    typer.Option(metavar="TIME", help="Begin here: seconds (90.5) or [HH:]MM:SS (1:30.5).", rich_help_panel=SPEECH),
]
End = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="Stop here, written like --start.", show_default="the end", rich_help_panel=SPEECH
    ),
]
Format = Annotated[
    list[str],
    typer.Option(
        "--format",
        "-f",
        metavar="NAMES",
        help=f"Formats: some of {', '.join(FORMATS)}.",
        autocompletion=_formats,
        rich_help_panel=RESULT,
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output", "-o", metavar="DIR", help="Folder to write to; - is standard output.", rich_help_panel=RESULT
    ),
]
Channels = Annotated[
    str,
    typer.Option(
        metavar="HOW",
        help="mix hears all channels as one, separate hears each by itself.",
        autocompletion=lambda: list(CHANNELS),
        rich_help_panel=SPEECH,
    ),
]
Speakers = Annotated[
    str | None,
    typer.Option(
        "--speakers",
        metavar="[N|MIN-MAX]",
        help="Tell speakers apart. Say how many there are if you know it: 2, 2-5, or 2- for at least two.",
        rich_help_panel=SPEECH,
    ),
]
NoVoices = Annotated[
    bool,
    typer.Option(
        "--no-voices", help="Do not compare speakers with enrolled voices.", show_default=False, rich_help_panel=SPEECH
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the result and errors.", rich_help_panel=RESULT)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, not a table.", rich_help_panel=RESULT)]
Device = Annotated[
    str,
    typer.Option(
        metavar="DEVICE",
        help="cpu, cuda, or auto for CUDA where it is there.",
        autocompletion=_devices,
        rich_help_panel=MACHINE,
    ),
]
Compute = Annotated[
    str,
    typer.Option(
        metavar="TYPE",
        help="Number type, such as int8 or float16; auto is the fastest that stays accurate.",
        autocompletion=_compute_types,
        rich_help_panel=MACHINE,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Processor threads.",
        show_default="all processors",
        parser=_threads,
        rich_help_panel=MACHINE,
    ),
]
Names = Annotated[
    list[str],
    typer.Argument(metavar="NAMES...", help="Models from `panglot models list`.", autocompletion=_weights),
]
SomeNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAMES...]",
        help="Models from `panglot models list`; all that are here if left out.",
        autocompletion=_weights,
    ),
]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A model from `panglot models list`.", autocompletion=_weights)
]
Home = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        envvar="PANGLOT_HOME",
        help="Keep weights here, in the subfolder models, and voiceprints, in voices.",
        show_default="the user's cache and data folders",
    ),
]


def check_channels(how: str) -> str:
    """Return the value of ``--channels`` if it is one of those allowed, or raise an `OptionError`."""
    if how not in CHANNELS:
        raise OptionError(f"--channels {how!r} is not known. Give one of {', '.join(CHANNELS)}.")
    return how


def split(values: Sequence[str] | None) -> list[str]:
    """Items of an option that is given several times, with commas, or both."""
    return [item.strip() for value in values or () for item in value.split(",") if item.strip()]


def language_codes(values: Sequence[str] | None) -> list[str] | None:
    """Codes of languages, however they were written; None where none was given.

    Parameters
    ----------
    values
        Names or codes as the user wrote them, each possibly several with commas between.

    Returns
    -------
    list of str or None
        Codes such as ``de``, in the order given.

    Raises
    ------
    LanguageError
        If one is not among the 99.
    """
    return [normalise(item) for item in split(values)] or None
