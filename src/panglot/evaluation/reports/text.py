"""Reports for a terminal or a file: plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import fill

from rich.cells import cell_len

from panglot.evaluation.reports.document import Block, Document, Example, Heading, Paragraph, Table, printable
from panglot.evaluation.words import Edit

_WIDTH = 100
_SAID, _WROTE = "  said   ", "  wrote  "
_NOTHING = "*"


def render(document: Document) -> str:
    """Write a document as text; figures are left out, and so are headings with nothing else under them."""
    parts = [printable(document.title), *(text for block in _shown(document.blocks) for text in _block(block))]
    return "\n\n".join(parts) + "\n"


def _shown(blocks: Sequence[Block]) -> Iterator[Block]:
    kept = [block for block in blocks if isinstance(block, Heading | Paragraph | Table | Example)]
    for block, following in zip_longest(kept, kept[1:]):
        if block and not (isinstance(block, Heading) and isinstance(following, Heading)):
            yield block


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{printable(block.text)}\n{'-' * cell_len(printable(block.text))}"
        case Paragraph():
            yield fill(printable(block.text), _WIDTH, break_long_words=False, break_on_hyphens=False)
        case Table():
            yield table(block)
        case Example():
            yield f"{printable(block.title)}\n{aligned(block.edits)}"
        case _:
            pass


def table(block: Table) -> str:
    """Write a table with its columns under one another."""
    rows = [[printable(cell) for cell in row] for row in (block.columns, *block.rows)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            _padded(cell, width, right=number in block.numbers)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def aligned(edits: Sequence[Edit]) -> str:
    """Write what was said above what was written, word under word; a star where a word is missing on one side.

    What differs is in capitals, where the script has them.
    """
    lines: list[str] = []
    said, wrote = _SAID, _WROTE
    for above, below in _columns(edits):
        width = max(cell_len(above), cell_len(below))
        if cell_len(said) + width > _WIDTH and said != _SAID:
            lines += [said.rstrip(), wrote.rstrip()]
            said, wrote = _SAID, _WROTE
        said += f"{_padded(above, width)} "
        wrote += f"{_padded(below, width)} "
    return "\n".join([*lines, said.rstrip(), wrote.rstrip()])


def _columns(edits: Sequence[Edit]) -> Iterator[tuple[str, str]]:
    for edit in edits:
        for above, below in zip_longest(edit.reference, edit.hypothesis, fillvalue=_NOTHING):
            if edit.kind == "equal":
                yield printable(above), printable(below)
            else:
                yield printable(above).upper(), printable(below).upper()


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - cell_len(text))
    return f"{space}{text}" if right else f"{text}{space}"
