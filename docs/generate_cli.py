"""Write ``docs/reference/cli.md`` from the command itself with ``--write``; without, fail if it is not current."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from panglot.cli.app import app
from panglot.transcripts import FORMATS

PAGE = Path(__file__).parent / "reference" / "cli.md"

_INTRODUCTION = """# The command `panglot`

This page is made from the command's own help by `python docs/generate_cli.py --write`.

## What holds for all commands

**Output.** Results go to standard output, as UTF-8. Messages, progress bars and errors go to standard error.
Progress bars appear only where standard error is a terminal.

**Exit codes.**

| Code | Meaning |
|---|---|
| 0 | all is well |
| 1 | something failed; with several recordings, at least one |
| 2 | the command line is wrong: unknown option, language, format, model |
| 130 | interrupted with Ctrl-C; no half-written file stays behind |
| 141 | the program that reads standard output has gone |

**Environment.** `PANGLOT_HOME` is the folder where weights are kept, in its subfolder `models`, voiceprints, in its
subfolder `voices`, and what the service keeps; `--home` overrides it. Without either, weights are in the user's cache
folder, and the rest in the user's data folder. The commands of the service (`serve`, `worker`, `jobs`, `keys`, `db`)
read many more variables: [the settings](settings.md).
Colours and widths follow `NO_COLOR`, `TERM` and `COLUMNS`.

**Errors** are one line: `panglot: error: …`. If it says that the error is unexpected, `panglot --traceback COMMAND …`
shows where in the code it happened.
"""

_NOTES = {
    "panglot transcribe": """Several formats need a folder: `--format txt,srt --output transcripts` writes
`transcripts/<name>.txt` and `transcripts/<name>.srt` for each recording. A file that is there is replaced in one step.
Two recordings of the same name are refused before any work is done.

On standard output, `json` takes one line for each recording, with its name as `file`; a recording that failed has
`error` with `code` and `message` instead of a transcript. `txt` and `md` put a blank line between recordings. `srt`,
`vtt`, `tsv` and `csv` of several recordings need a folder.

`txt` on standard output is printed segment by segment, as soon as each is certain, unless channels are separate or
speakers are told apart: then it is printed when all is known. If a recording fails midway, standard error says where
its text breaks off, and the exit code is 1.

SPEAKERS_VALUE

With speakers, `txt`, `srt`, `vtt` and `md` show who speaks; `json` has `speakers`, `turns` and `utterances`; `rttm` has
the turns. Names for them come from `--speaker-names`, or from
[enrolled voices](../how-to/speakers.md#know-people-again).

FORMATS_TABLE

`--format`, `--languages` and `--keyterms` take several values with commas between, or can be given several times.

```console
$ panglot transcribe meeting.m4a > meeting.txt
$ panglot transcribe 'talks/**/*.mp4' --format srt,json --output transcripts
$ panglot transcribe call.wav --channels separate --format json | jq -r '.segments[] | "\\(.channel): \\(.text)"'
$ panglot transcribe --speakers 2-4 meeting.mp4 --speaker-names names.json
$ curl -s https://example.org/talk.mp3 | panglot transcribe - --language en --start 1:30 --end 5:00
```
""",
    "panglot diarize": """SPEAKERS_VALUE

On standard output, `json` takes one line for each recording, with its name as `file`; a recording that failed has
`error` instead of speakers. `rttm` lines name their recording in the second column. Several formats need a folder.

```console
$ panglot diarize 'calls/*.wav' > calls.rttm
$ panglot diarize meeting.mp4 --speakers 4 --format rttm,json --output speakers
```
""",
    "panglot serve": """The API key of the first start is all that goes to standard output. Logs go to standard error.
SIGTERM and Ctrl-C end the service in good order: requests in hand are answered, and jobs in hand are kept for the next
start. See [run it for a team](../how-to/run-for-a-team.md).
""",
    "panglot worker": """See [run it on many machines](../how-to/run-on-many-machines.md).
""",
    "panglot keys create": """The key goes to standard output, so that a script can keep it:

```console
$ panglot keys create --project research > research.key
```
""",
    "panglot speakers enroll": """A voiceprint needs 3 s of speech or more in each recording, and one person
speaking. If a recording cannot be used, nothing is kept. The file can be read by its owner alone. See
[tell speakers apart](../how-to/speakers.md).

```console
$ panglot speakers enroll ada ada.wav ada-on-the-phone.wav
```
""",
}

_SPEAKERS_VALUE = """The value of `--speakers` may be left out: `--speakers meeting.mp4` and `meeting.mp4 --speakers`
both find out how many there are. Only `N`, `MIN-MAX`, `MIN-` and `auto` are taken for a value; for a recording of such
a name write `./2`."""


def render() -> str:
    """Return the whole page."""
    root: Any = typer.main.get_command(app)
    sections = (_section(command, name) for name, command in _commands(root, "panglot"))
    return "\n".join([_INTRODUCTION, *sections])


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for child, subcommand in getattr(command, "commands", {}).items():
        yield from _commands(subcommand, f"{name} {child}")


def _section(command: Any, name: str) -> str:
    context = typer.Context(command, info_name=name, obj=None)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    params = [param for param in command.get_params(context) if not param.hidden]
    arguments = [param for param in params if param.param_type_name == "argument"]
    options = [param for param in params if param.param_type_name == "option" and "--help" not in param.opts]
    parts = [f"## `{name}`", inspect.cleandoc(command.help), f"```text\n{usage}\n```"]
    if arguments:
        parts.append(_table("Argument", [(f"`{param.metavar}`", param.help, "") for param in arguments]))
    if options:
        parts.append(_table("Option", [_option(param) for param in options]))
    notes = _NOTES.get(name, "").rstrip().replace("FORMATS_TABLE", _formats())
    parts.extend([notes.replace("SPEAKERS_VALUE", _SPEAKERS_VALUE)] if notes else [])
    return "\n\n".join(parts) + "\n"


def _option(param: Any) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in sorted(param.opts, key=len))
    value = "" if param.is_flag else f" `{param.metavar}`"
    default = param.show_default if isinstance(param.show_default, str) else _default(param)
    return f"{names}{value}", param.help, default


def _formats() -> str:
    return _table("Format", [(f"`{chosen.name}`", chosen.description, "") for chosen in FORMATS.values()])


def _default(param: Any) -> str:
    if param.is_flag or not param.default:
        return ""
    values = param.default if isinstance(param.default, list | tuple) else [param.default]
    return f"`{', '.join(map(str, values))}`"


def _table(title: str, rows: list[tuple[str, str, str]]) -> str:
    with_defaults = any(default for _, _, default in rows)
    lines = [f"| {title} | Meaning |" + (" Default |" if with_defaults else ""), "|---|---|" + "---|" * with_defaults]
    for name, meaning, default in rows:
        cells = [name.replace("|", "\\|"), meaning.replace("|", "\\|"), *([default] if with_defaults else [])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Write the page, or compare it."""
    page = render()
    if "--write" in sys.argv[1:]:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page:
        return 0
    sys.stderr.write(f"{PAGE} is not current: run `python {Path(__file__).name} --write` in {PAGE.parents[1]}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
