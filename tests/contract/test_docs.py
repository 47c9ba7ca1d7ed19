"""Pages, the Makefile and the samples say what is so."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import av
import pytest
from markdown_it import MarkdownIt

import panglot
from panglot import errors
from panglot.transcripts import Audit, LanguageSpan, Receipt, Segment, Speaker, Transcript, Turn, Word

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
MARKDOWN = MarkdownIt().enable("table")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def links(path: Path) -> Iterator[str]:
    for token in MARKDOWN.parse(path.read_text(encoding="utf-8")):
        for child in token.children or ():
            if child.type in ("link_open", "image"):
                yield str(child.attrGet("href") or child.attrGet("src"))


def anchors(path: Path) -> set[str]:
    """Anchors of headings, as code hosts make them."""
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_python_in_pages_compiles_and_uses_public_names(page: Path) -> None:
    for token in MARKDOWN.parse(page.read_text(encoding="utf-8")):
        if token.type == "fence" and token.info.strip() == "python":
            tree = ast.parse(token.content, filename=name(page))
            used = {
                node.attr
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "panglot"
            }
            assert [attribute for attribute in sorted(used) if not hasattr(panglot, attribute)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{name(page)} links to {link}"
        if anchor:
            assert anchor in anchors(path), f"{name(page)} links to {link}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in links(page):
            target = (page.parent / link.partition("#")[0]).resolve()
            if "://" not in link and target.suffix == ".md" and target.is_file():
                waiting.append(target)
    docs = {page for page in PAGES if (ROOT / "docs") in page.parents}
    assert sorted(map(name, docs - reached)) == []


def test_every_error_is_on_its_page_with_its_code() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    found = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.MULTILINE))
    classes = inspect.getmembers(errors, lambda value: inspect.isclass(value) and value.__module__ == errors.__name__)
    assert found == {title: error.code for title, error in classes}


@pytest.mark.parametrize("record", [Transcript, LanguageSpan, Segment, Word, Audit, Receipt, Speaker, Turn])
def test_every_field_is_on_the_page_about_json(record: type) -> None:
    page = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(record) if f"`{field.name}`" not in page] == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = set(links(folder / "README.md"))
    assert {path.name for path in folder.glob("[0-9]*.md")} <= index


def test_make_help_gives_every_verb_a_sentence() -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    verbs = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    shown = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=1) for line in shown.stdout.splitlines()[1:]]
    assert [verb for verb, _ in lines] == verbs
    assert [verb for verb, sentence in lines if not re.fullmatch(r"[A-Z].+\.", sentence)] == []


def test_samples_are_what_their_list_says() -> None:
    folder = ROOT / "tests" / "data"
    samples = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    assert {sample["file"] for sample in samples} == {path.name for path in folder.glob("*.flac")}
    assert sum(path.stat().st_size for path in folder.glob("*.flac")) < 600_000
    for sample in samples:
        with av.open(folder / sample["file"]) as container:
            assert container.duration / 1e6 == pytest.approx(sample["duration"], abs=0.001)
        times = [time for part in sample["parts"] for time in (part["start"], part["end"])]
        assert times == sorted(times)
        assert times[-1] <= sample["duration"]
