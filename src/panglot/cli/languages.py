"""``panglot languages``: the 99."""

from __future__ import annotations

import json

from panglot.cli import options
from panglot.cli.console import write, write_table
from panglot.language.codes import ALIASES, LANGUAGES, Language


def languages(as_json: options.Json = False) -> None:
    """List the 99 languages and how they may be written.

    Region and script may follow a code (pt-BR, zh-Hant), and capitals do not matter.
    """
    if as_json:
        write(json.dumps([_content(language) for language in LANGUAGES.values()], ensure_ascii=False, indent=2) + "\n")
        return
    rows = [(language.code, language.name, ", ".join(_others(language))) for language in LANGUAGES.values()]
    write_table(("CODE", "NAME", "ALSO"), rows)


def _content(language: Language) -> dict[str, object]:
    return {
        "code": language.code,
        "name": language.name,
        "aliases": _others(language),
        "scripts": sorted(language.scripts),
    }


def _others(language: Language) -> list[str]:
    return [alias for alias, code in ALIASES.items() if code == language.code and alias != language.name.casefold()]
