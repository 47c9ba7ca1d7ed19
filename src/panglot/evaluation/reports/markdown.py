"""Reports as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from panglot.evaluation.reports.document import Block, Document, Example, Heading, Paragraph, Table, printable
from panglot.evaluation.reports.text import aligned

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def render(document: Document) -> str:
    """Write a document as Markdown; figures and the headings over them are left out."""
    kept = [block for block in document.blocks if isinstance(block, Heading | Paragraph | Table | Example)]
    parts = [f"# {escape(document.title)}"]
    for block, following in zip(kept, [*kept[1:], None], strict=True):
        if not (isinstance(block, Heading) and isinstance(following, Heading)):
            parts += _block(block)
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Text that means nothing to Markdown, on one line."""
    return _SPECIAL.sub(r"\\\1", printable(text))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"## {escape(block.text)}"
        case Paragraph():
            yield escape(block.text)
        case Table():
            rules = ["--:" if number in block.numbers else "---" for number in range(len(block.columns))]
            rows = [[escape(cell) for cell in row] for row in (block.columns, *block.rows)]
            yield "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rules, *rows[1:]))
        case Example():
            yield escape(block.title)
            # Normalised text has no backticks, and indented lines cannot close a fence.
            yield f"```text\n{aligned(block.edits)}\n```"
        case _:
            pass
