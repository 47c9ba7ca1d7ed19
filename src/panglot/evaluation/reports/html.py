"""Reports as one HTML file that asks for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import zip_longest

from panglot.evaluation.reports.document import Block, Document, Example, Heading, Paragraph, Plot, Table
from panglot.evaluation.words import Edit

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Browsers refuse everything from elsewhere, and all scripts, whatever the texts in the report say."""

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; background: #f5f6f8; margin: 0; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 28px 60px; background: #fff; }
h1 { font-size: 26px; line-height: 1.25; margin: 8px 0 20px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 8px; overflow-wrap: anywhere; }
p { margin: 8px 0; max-width: 85ch; overflow-wrap: anywhere; }
.table { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 8px; text-align: left; border-bottom: 1px solid #e3e6eb; vertical-align: top; }
td { white-space: nowrap; }
th { color: #4b5766; font-weight: 600; border-bottom: 2px solid #c9ced6; white-space: normal; vertical-align: bottom; }
td:last-child { white-space: normal; min-width: 9ch; }
.number { text-align: right; }
tr.all td { font-weight: 600; border-top: 2px solid #c9ced6; }
figure { margin: 18px 0 26px; }
figure svg { max-width: 100%; height: auto; display: block; }
figcaption { color: #4b5766; font-size: 13.5px; margin-bottom: 6px; }
.example { border-left: 3px solid #c9ced6; padding: 2px 0 2px 14px; margin: 18px 0; }
.example h3 { font-size: 13.5px; font-weight: 600; margin: 0 0 6px; overflow-wrap: anywhere; }
.words { display: flex; flex-wrap: wrap; gap: 2px 8px; margin: 0; padding: 0; list-style: none; }
.words li { display: flex; flex-direction: column; padding: 0 3px; border-radius: 3px; }
.words del, .words ins, .words span { text-decoration: none; min-height: 1.5em; }
.wrong { background: #f3f4f6; }
.words del { color: #a01b1b; }
.words ins { color: #17622f; }
.words del.nothing, .words ins.nothing { color: #6b7685; }
@media print { body { background: #fff; } main { max-width: none; padding: 0; } }
""".strip()

_KEY = (
    "Of words that differ, the upper line is what was said and the lower what was written; "
    "a dash stands where one side has nothing."
)


def render(document: Document) -> str:
    """Write a document as one HTML page with its figures in it."""
    title = escape(document.title)
    body = "\n".join(line for block in document.blocks for line in _block(block))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"<h2>{escape(block.text)}</h2>"
        case Paragraph():
            yield f"<p>{escape(block.text)}</p>"
        case Table():
            yield from _table(block)
        case Example():
            yield f'<section class="example"><h3>{escape(block.title)}</h3>'
            words = "".join(map(_edit, block.edits))
            yield f'<ul class="words" title="{escape(_KEY)}" dir="auto">{words}</ul></section>'
        case Plot():
            yield f"<figure><figcaption>{escape(block.caption)}</figcaption>{block.draw()}</figure>"


def _table(block: Table) -> Iterator[str]:
    yield '<div class="table"><table>'
    yield f"<thead><tr>{_cells('th', block, block.columns)}</tr></thead><tbody>"
    for row in block.rows:
        mark = ' class="all"' if row[0] == "All" and len(block.rows) > 1 else ""
        yield f"<tr{mark}>{_cells('td', block, row)}</tr>"
    yield "</tbody></table></div>"


def _cells(tag: str, block: Table, row: tuple[str, ...]) -> str:
    marks = [' class="number"' if number in block.numbers else "" for number in range(len(row))]
    return "".join(f"<{tag}{mark}>{escape(text)}</{tag}>" for mark, text in zip(marks, row, strict=True))


def _edit(edit: Edit) -> str:
    if edit.kind == "equal":
        return "".join(f"<li><span>{escape(word)}</span></li>" for word in edit.reference)
    pairs = zip_longest(edit.reference, edit.hypothesis)
    return "".join(f'<li class="wrong">{_side("del", said)}{_side("ins", wrote)}</li>' for said, wrote in pairs)


def _side(tag: str, word: str | None) -> str:
    return f"<{tag}>{escape(word)}</{tag}>" if word is not None else f'<{tag} class="nothing">–</{tag}>'
