"""Write ``docs/reference/settings.md`` from the settings with ``--write``; without, fail if it is not current."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from panglot.server.settings import Settings, variable

PAGE = Path(__file__).parent / "reference" / "settings.md"

_INTRODUCTION = """# The settings of the service

This page is made from the program's own list by `python docs/generate_settings.py --write`.

Each setting is a variable of the environment. `panglot serve`, `panglot worker`, `panglot jobs`, `panglot keys` and
`panglot db` read them; an option of the command line goes before its variable. A variable without a value counts as not
set. A value that cannot be used ends the command with a message that names it, and a misspelt name is pointed out.

`panglot serve --print-config` prints what holds, in the form of an environment file, and without secrets.

Switches take `true` or `false`. All processes of one deployment need the same database, object store and webhook
secret.
"""

_SECTIONS = {
    "home": "Address and access",
    "database_url": "Where things are kept",
    "model": "Work",
    "upload_limit_bytes": "Limits",
    "allow_private_networks": "Network",
    "keep_audio_days": "How long things are kept",
    "log_level": "Logs and traces",
}
"""Headings, by the setting that each stands before."""

_HEAD = "| Variable | Meaning | Default |\n|---|---|---|\n"


def render() -> str:
    """Return the whole page."""
    parts = [_INTRODUCTION]
    for name, field in Settings.model_fields.items():
        if name in _SECTIONS:
            parts.append(f"\n## {_SECTIONS[name]}\n\n{_HEAD}")
        parts.append(f"| `{variable(name)}` | {field.description} | {_default(field)} |\n")
    return "".join(parts)


def _default(field: Any) -> str:
    if field.default in (None, ()):
        return str(field.json_schema_extra["unset"])
    value = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def main() -> int:
    """Write the page, or compare it."""
    page = render()
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page:
        return 0
    sys.stderr.write(f"{PAGE} is not current: run `python {Path(__file__).name} --write` in {PAGE.parents[1]}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
